// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/rpm/topdir.h"

#include <filesystem>

#include "lib/base/error.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// Where the sources of a spec are: its own folder, as in a distribution's repositories,
// or the SOURCES that belong to its SPECS.
std::string sources_folder(const fs::path &spec) {
  fs::path folder = spec.parent_path(), beside = folder.parent_path() / "SOURCES";
  return folder.filename() == "SPECS" && fs::is_directory(beside) ? beside : folder;
}

void copy_sources(const SpecFacts &facts, const std::string &from, const std::string &to) {
  std::string missing;
  for (const std::vector<std::string> &names : {facts.sources, facts.patches})
    for (const std::string &name : names) {
      if (fs::is_regular_file(from + "/" + name))
        fs::copy_file(from + "/" + name, to + "/" + name, fs::copy_options::skip_existing);
      else
        missing += (missing.empty() ? "" : ", ") + name;
    }
  if (!missing.empty())
    throw error(ExitCode::bad_input, "{}: not in {}", missing, from)
        .with_hint("spectool -g SPEC fetches sources that the spec names by address");
}

std::string only_spec(const std::string &folder) {
  std::string found;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".spec")
      continue;
    if (!found.empty())
      throw error(ExitCode::bad_input, "the source package has several .spec files");
    found = entry.path().filename();
  }
  if (found.empty())
    throw error(ExitCode::bad_input, "the source package has no .spec file");
  return found;
}

} // namespace

Topdir fill_topdir(const std::string &source, const RpmTools &tools, const std::string &topdir) {
  for (const char *name : {"SPECS", "SOURCES", "BUILD", "BUILDROOT", "RPMS", "SRPMS", "tmp"})
    fs::create_directories(topdir + "/" + name);
  Topdir result;
  std::string sources = topdir + "/SOURCES";
  if (source.ends_with(".spec")) {
    std::string from = sources_folder(source);
    result.facts = tools.facts(source, from);
    fs::path name = fs::path(source).filename();
    fs::copy_file(source, topdir + "/SPECS/" + name.string());
    copy_sources(result.facts, from, sources);
    result.spec = "SPECS/" + name.string();
    return result;
  }
  tools.unpack_source(source, topdir);
  std::string name = only_spec(topdir + "/SPECS");
  result.spec = "SPECS/" + name;
  result.facts = tools.facts(topdir + "/" + result.spec, sources);
  return result;
}

} // namespace care::make
