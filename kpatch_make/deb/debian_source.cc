// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/debian_source.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "kpatch_make/deb/apt_words.h"
#include "kpatch_make/deb/cache_lock.h"
#include "kpatch_make/deb/debian_control.h"
#include "kpatch_make/sources/fixes.h"
#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// Tells dpkg-source to take the patches off after a build, as it does when it has put them on.
constexpr const char *kUnapplyMark = "/.pc/.dpkg-source-unapply";

struct Result {
  int status = 0;
  std::string output;
};

Result run_here(std::vector<std::string> argv, const std::string &directory) {
  Command command;
  command.argv = std::move(argv);
  command.directory = directory;
  command.capture = true;
  Outcome outcome = run(command);
  return {outcome.exit_status, outcome.output};
}

// Something short in a root with a network and an upper layer for this once.
Result run_fetching(const SourceKitchen &kitchen, std::vector<std::string> argv,
                    const std::string &directory, const std::vector<std::string> &shared) {
  if (!kitchen.root)
    return run_here(std::move(argv), directory);
  std::string place = kitchen.scratch + "/fetch", log = place + ".log";
  fs::remove_all(place);
  fs::remove(log);
  RootView view = fetching_view(*kitchen.root, place);
  view.shared.insert(view.shared.end(), shared.begin(), shared.end());
  RootCommand command;
  command.argv = std::move(argv);
  command.directory = directory;
  command.log = log;
  Result result;
  result.status = run_in_root(view, command);
  result.output = fs::exists(log) ? read_file(log) : "";
  fs::remove_all(place);
  if (kitchen.verbose)
    pass_on(stderr, result.output);
  return result;
}

// "'http://.../redis_7.0.15-1.dsc' redis_7.0.15-1.dsc 2318 SHA256:..." or, from an earlier
// run, "Skipping already downloaded file 'redis_7.0.15-1.dsc'".
std::string dsc_of(const std::string &output) {
  std::istringstream words(output);
  for (std::string word; words >> word;) {
    std::erase(word, '\'');
    if (word.ends_with(".dsc") && word.find('/') == std::string::npos)
      return word;
  }
  return {};
}

// A hint.
std::string known_versions(const SourceKitchen &kitchen, const std::string &name) {
  Result known = run_fetching(kitchen, {"apt-cache", "showsrc", "--only-source", name}, "/", {});
  std::string versions;
  for (std::string_view line : lines_of(known.output))
    if (line.starts_with("Version: ") && versions.find(line.substr(9)) == std::string::npos)
      versions.append(versions.empty() ? "" : ", ").append(line.substr(9));
  return versions.empty() ? "apt knows no such source; give a .dsc or an unpacked tree, or --update"
                          : "apt knows the versions " + versions;
}

std::string fetch_dsc(const SourceKitchen &kitchen, const SourceName &source) {
  std::string folder =
      (kitchen.root ? kitchen.root->cache : kitchen.scratch) + "/sources/" + source.name;
  fs::create_directories(folder);
  std::string what = source.name + (source.version.empty() ? "" : "=" + source.version);
  std::vector<std::string> argv = {"apt-get", "-q",
                                   "-o",      "APT::Sandbox::User=root",
                                   "-o",      "Acquire::Retries=3",
                                   "source",  "--download-only",
                                   what};
  std::vector<std::string> asked = argv;
  asked.insert(asked.end() - 1, "--print-uris");
  Result uris = run_fetching(kitchen, asked, folder, {});
  std::string dsc = dsc_of(uris.output);
  CacheLock lock(folder + ".lock", "fetches this source");
  Result fetched = dsc.empty() ? uris : run_fetching(kitchen, argv, folder, {});
  if (dsc.empty() || fetched.status != 0) {
    std::string hint = apt_hint(fetched.output);
    throw error("the source of {} cannot be fetched:\n{}", what, apt_complaints(fetched.output))
        .with_hint(hint.empty() ? known_versions(kitchen, source.name) : hint);
  }
  return folder + "/" + dsc;
}

// One of `versions` of a package; false when the archive has none of them any more.
bool fetch_binary(const SourceKitchen &kitchen, const std::string &package,
                  const std::vector<std::string> &versions, const std::string &to) {
  return std::any_of(versions.begin(), versions.end(), [&](const std::string &version) {
    std::vector<std::string> argv = {
        "apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package + "=" + version};
    return run_fetching(kitchen, argv, to, {to}).status == 0;
  });
}

// Those of the source in `tree` that hold code.
std::vector<std::string> binary_packages(const std::string &tree) {
  std::vector<std::string> packages;
  for (const ControlParagraph &paragraph : parse_control(read_file(tree + "/debian/control"))) {
    std::string package = paragraph.get("Package");
    if (!package.empty() && paragraph.get("Architecture") != "all")
      packages.push_back(package);
  }
  return packages;
}

} // namespace

bool is_source_path(const std::string &text) {
  return text.find('/') != std::string::npos || text.ends_with(".dsc");
}

SourceName read_source_name(const std::string &text) {
  SourceName source;
  std::error_code failure;
  if (fs::is_directory(text)) {
    source.kind = SourceName::Kind::tree;
    source.path = fs::canonical(text);
    if (!fs::exists(source.path + "/debian/changelog"))
      throw error(ExitCode::usage, "{}: no source package: it has no debian/changelog", text);
    return source;
  }
  if (text.ends_with(".dsc")) {
    source.kind = SourceName::Kind::dsc;
    source.path = fs::canonical(text, failure);
    if (failure)
      throw error(ExitCode::usage, "{}: {}", text, failure.message());
    return source;
  }
  if (text.ends_with('/') || text.starts_with('.'))
    throw error(ExitCode::usage, "{}: no such folder", text);
  size_t equals = text.find('=');
  source.name = text.substr(0, equals);
  if (equals != std::string::npos)
    source.version = text.substr(equals + 1);
  if (!valid_source_name(source.name) ||
      (equals != std::string::npos && !valid_version(source.version)))
    throw error(ExitCode::usage,
                "'{}' is no source package: neither NAME, NAME=VERSION, a .dsc "
                "nor a folder that is there",
                text);
  return source;
}

std::string build_path(const std::string &name, const std::string &version) {
  return "/build/reproducible-path/" + name + "-" + upstream_version(version);
}

void apply_series(const SourceKitchen &kitchen, const std::string &tree, const std::string &what) {
  Result result = run_fetching(kitchen, {"dpkg-source", "--before-build", tree}, "/", {tree});
  if (result.status != 0)
    throw error(ExitCode::bad_input, "{}: its patches do not apply:\n{}", what,
                last_lines(result.output));
  fs::remove(tree + kUnapplyMark);
}

void unapply_series(const SourceKitchen &kitchen, const std::string &tree) {
  if (!fs::is_directory(tree + "/.pc"))
    return;
  write_file(tree + kUnapplyMark, "");
  Result result = run_fetching(kitchen, {"dpkg-source", "--after-build", tree}, "/", {tree});
  if (result.status != 0)
    throw error(ExitCode::bad_input, "the patches of the source cannot be taken off:\n{}",
                last_lines(result.output));
}

void unpack_source(const SourceKitchen &kitchen, const SourceName &source, const std::string &to) {
  if (source.kind == SourceName::Kind::tree) {
    copy_tree(source.path, to);
    // A checkout has its patches unapplied; for all others this does nothing.
    return apply_series(kitchen, to, source.path);
  }
  std::string dsc = source.kind == SourceName::Kind::dsc ? source.path : fetch_dsc(kitchen, source);
  std::string parent = fs::path(to).parent_path();
  std::vector<std::string> shared = {parent};
  if (source.kind == SourceName::Kind::dsc)
    shared.push_back(fs::path(dsc).parent_path());
  Result result = run_fetching(kitchen, {"dpkg-source", "--no-check", "--no-copy", "-x", dsc, to},
                               parent, shared);
  if (result.status != 0)
    throw error(ExitCode::bad_input, "{} cannot be unpacked:\n{}", dsc, last_lines(result.output));
}

size_t fetch_binaries(const SourceKitchen &kitchen, const std::string &tree,
                      const std::string &version, const std::string &to) {
  fs::create_directories(to);
  std::vector<std::string> packages = binary_packages(tree), show = {"apt-cache", "show"};
  show.insert(show.end(), packages.begin(), packages.end());
  std::string shown = run_fetching(kitchen, show, "/", {}).output;
  size_t count = 0;
  for (const std::string &package : packages)
    if (fetch_binary(kitchen, package, versions_built_from(shown, package, version), to))
      count++;
  return count;
}

} // namespace care::make
