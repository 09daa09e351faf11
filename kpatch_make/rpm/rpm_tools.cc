// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/rpm/rpm_tools.h"

#include <filesystem>
#include <string_view>

#include "kpatch_make/sources/fixes.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/subprocess.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

void append(std::vector<std::string> &to, const std::vector<std::string> &words) {
  to.insert(to.end(), words.begin(), words.end());
}

} // namespace

void require_rpm_tools() {
  for (const char *name : {"rpmbuild", "rpmspec", "rpm", "rpm2cpio", "cpio"})
    if (find_in_path(name).empty())
      throw error("{}: not found; it is needed to build packages of rpm", name)
          .with_hint("Debian: apt install rpm rpm2cpio cpio; Fedora: dnf install rpm-build cpio");
}

std::vector<std::string> RpmTools::folders(const std::string &topdir) const {
  std::vector<std::string> arguments = macros_;
  append(arguments, {"--define", "_topdir " + topdir});
  for (auto [macro, folder] : {std::pair{"_builddir", "BUILD"},
                               {"_buildrootdir", "BUILDROOT"},
                               {"_rpmdir", "RPMS"},
                               {"_srcrpmdir", "SRPMS"},
                               {"_sourcedir", "SOURCES"},
                               {"_specdir", "SPECS"},
                               {"_tmppath", "tmp"}})
    append(arguments, {"--define", fmt::format("{} {}/{}", macro, topdir, folder)});
  return arguments;
}

RpmTools::Answer RpmTools::ask(std::vector<std::string> argv, bool stderr_too) const {
  Command command;
  command.argv = std::move(argv);
  command.environment = {{"HOME", home_}, {"LC_ALL", "C"}};
  command.capture = true;
  command.stderr_too = stderr_too;
  Outcome outcome = run(command);
  return {outcome.ok(), outcome.output};
}

std::string RpmTools::expand(const std::string &text) const {
  std::vector<std::string> argv = {"rpm"};
  append(argv, macros_);
  append(argv, {"-E", text});
  std::string output = ask(argv).output;
  return output.substr(0, output.find('\n'));
}

SpecFacts RpmTools::facts(const std::string &spec, const std::string &sources) const {
  std::vector<std::string> argv = {"rpmspec"};
  append(argv, macros_);
  append(argv, {"--define", "_sourcedir " + sources, "-q", "--srpm", "--qf", kSpecQuery, spec});
  Answer answer = ask(argv);
  SpecFacts facts = read_spec_query(answer.output);
  if (!answer.ok || facts.name.empty())
    throw error(ExitCode::bad_input, "{}: rpmspec cannot read it:\n{}", spec,
                last_lines(answer.output))
        .with_hint("a spec of another distribution may need its macros: --load FILE, --define");
  return facts;
}

std::string RpmTools::expanded(const std::string &spec, const std::string &topdir,
                               const std::string &sources) const {
  std::vector<std::string> argv = {"rpmspec"};
  append(argv, folders(topdir));
  append(argv, {"--define", "_sourcedir " + sources, "-P", spec});
  return ask(argv, false).output;
}

void RpmTools::unpack_source(const std::string &package, const std::string &topdir) const {
  std::vector<std::string> argv = {"rpm"};
  append(argv, folders(topdir));
  // A source package is only unpacked, but rpm opens a database all the same: not the
  // system's.
  append(argv, {"--define", "_dbpath " + home_ + "/db", "-i", "--nosignature", package});
  fs::create_directories(home_ + "/db");
  Answer answer = ask(argv);
  if (!answer.ok)
    throw error(ExitCode::bad_input, "{}: cannot be unpacked:\n{}", package,
                last_lines(answer.output));
}

bool RpmTools::knows_system() const {
  return ask({"rpm", "-q", "rpm"}).ok;
}

void RpmTools::install_requirements(const std::string &spec, const std::string &sources) const {
  if (find_in_path("dnf").empty())
    throw error("--build-deps: dnf, which installs what a spec needs, is not here")
        .with_hint("install it by hand; rpmspec -q --buildrequires names what is needed");
  std::vector<std::string> argv = {"dnf", "builddep", "-y", "--define", "_sourcedir " + sources};
  for (size_t i = 0; i + 1 < macros_.size(); i += 2)
    if (macros_[i] == "--define")
      append(argv, {macros_[i], macros_[i + 1]});
  append(argv, {spec});
  Answer answer = ask(argv);
  if (!answer.ok)
    throw error("{} failed:\n{}", shell_text(argv), last_lines(answer.output));
}

} // namespace care::make
