// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/rpm/rpm_package.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "kpatch_make/guardian.h"
#include "kpatch_make/make_run.h"
#include "kpatch_make/rpm/rpm_options.h"
#include "kpatch_make/rpm/rpm_tools.h"
#include "kpatch_make/rpm/spec_fixes.h"
#include "kpatch_make/rpm/topdir.h"
#include "kpatch_make/sources/fixes.h"
#include "kpatch_make/sources/patched_shell.h"
#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/temp_folder.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// All that the steps below share.
struct RpmRun {
  const RpmOptions &options;
  const Guardian &guardian;
  const WorkArea &area;
  Isolation isolation;
  RpmTools tools;
  Topdir topdir;
  bool check_requirements = false;
};

// The end of a command line: what is built, and how far.
std::vector<std::string> rpmbuild(const RpmRun &run, std::vector<std::string> stages) {
  std::vector<std::string> command = {"rpmbuild"};
  command.insert(command.end(), stages.begin(), stages.end());
  if (!run.check_requirements)
    command.push_back("--nodeps");
  std::vector<std::string> folders = run.tools.folders(run.options.topdir);
  command.insert(command.end(), folders.begin(), folders.end());
  command.push_back(run.options.topdir + "/" + run.topdir.spec);
  return command;
}

// What a distribution's build machine has there.
std::string home_of(const std::string &topdir) {
  fs::path parent = fs::path(topdir).parent_path();
  return fs::exists(parent) ? topdir : parent.string();
}

Build build_with(const RpmRun &run, const std::vector<std::string> &command) {
  MakeOptions options = run.options.make;
  options.directory = run.options.topdir;
  options.command = command;
  Build build = prepare_build(options, run.area, run.isolation);
  build.environment["HOME"] = home_of(run.options.topdir);
  build.environment["LC_ALL"] = "C.UTF-8";
  // rpmbuild would take the changelog's date itself, were ours not there already.
  const std::optional<long> &date = run.topdir.facts.changelog_time;
  if (date && run.tools.expand("%{?source_date_epoch_from_changelog}") == "1")
    build.environment["SOURCE_DATE_EPOCH"] =
        std::to_string(*date % 86400 == 43200 ? *date - 43200 : *date); // noon stands for the day
  return build;
}

void report_missing(const RpmRun &run) {
  std::string missing;
  for (const std::string &name : missing_requirements(read_file(run.area.log(kStageConfigure))))
    missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty())
    throw error("{}: what its build needs is not installed: {}", run.topdir.facts.label(), missing)
        .with_hint("--build-deps has dnf install it");
}

// The sources as the package's own %prep leaves them, in area.tree(kStageConfigure).
void run_prep(const RpmRun &run) {
  Build build = build_with(run, rpmbuild(run, {"-bp"}));
  build.stage = kStageConfigure;
  build.title = "%prep";
  try {
    run_build(build, run.area, run.guardian);
  } catch (...) {
    report_missing(run);
    throw;
  }
}

// What is changed by hand is a part of the fix for the reports.
void adapt_by_hand(const RpmRun &run, const std::string &folder, std::vector<std::string> &fixes) {
  ShellPlace place{run.area.tree(kStagePatched), folder, run.options.topdir};
  std::string patch = adapt_in_shell(run.area, place, run.options.make.bundle, "-p",
                                     [&] { return shell_here(place, run.isolation); });
  if (!patch.empty())
    fixes.push_back(patch);
}

// Copies the prepared tree for both builds and gets the fixes into, and out of, them.
std::vector<std::string> make_trees(const RpmRun &run) {
  const WorkArea &area = run.area;
  fs::rename(area.tree(kStageConfigure), area.tree(kStagePatched));
  copy_tree(area.tree(kStagePatched), area.tree(kStageOriginal));
  std::string sources = area.tree(kStagePatched) + "/SOURCES";
  std::string expanded = run.tools.expanded(area.tree(kStagePatched) + "/" + run.topdir.spec,
                                            run.options.topdir, sources);
  std::string folder = source_folder(expanded, run.options.topdir);
  if (folder.empty())
    folder = "BUILD";
  if (!run.options.directory.empty())
    folder += "/" + run.options.directory;
  if (!fs::is_directory(area.tree(kStagePatched) + "/" + folder))
    throw error(ExitCode::usage, "{}: no such folder after %prep", folder)
        .with_hint("-C names the folder within the sources where the fixes apply");
  SpecFixes fixes =
      sort_fixes(run.options.fixes, sources, applied_patches(expanded, run.topdir.facts.patches),
                 run.topdir.facts.patches);
  remove_fixes(fixes.of_spec, run.options.make.reading, area.tree(kStageOriginal) + "/" + folder);
  apply_fixes(fixes.files, run.options.make.reading, area.tree(kStagePatched) + "/" + folder);
  std::vector<std::string> all = fixes.all();
  if (run.options.make.shell)
    adapt_by_hand(run, folder, all);
  return all;
}

// The packages that the builds made, for tests and for users who install the original.
void keep_packages(const RpmRun &run) {
  const std::string &keep = run.options.make.keep;
  if (keep.empty())
    return;
  for (const char *stage : {kStageOriginal, kStagePatched}) {
    fs::path to = fs::path(keep) / stage / "rpms";
    std::error_code ignored;
    fs::create_directories(to, ignored);
    for (auto it = fs::recursive_directory_iterator(run.area.tree(stage) + "/RPMS", ignored);
         it != fs::recursive_directory_iterator(); it.increment(ignored))
      if (it->path().extension() == ".rpm")
        fs::copy_file(it->path(), to / it->path().filename(), ignored);
  }
}

ExitCode build_and_patch(const RpmRun &run, const std::vector<std::string> &fixes) {
  std::vector<std::string> stages = {"-bb", "--noprep", "--noclean"};
  if (!run.options.check)
    stages.emplace_back("--nocheck");
  Build build = build_with(run, rpmbuild(run, stages));
  MakeOptions options = run.options.make;
  options.directory = run.options.topdir;
  options.command = build.command;
  options.patches = fixes;
  options.package = run.topdir.facts.name;
  options.package_version = run.topdir.facts.version + "-" + run.topdir.facts.release;
  if (options.targets.empty())
    options.targets = {run.area.tree(kStageOriginal) + "/RPMS"};
  ExitCode code = ExitCode::ok;
  try {
    code = make_bundle(options, build, run.area, run.guardian);
  } catch (...) {
    keep_packages(run);
    throw;
  }
  keep_packages(run);
  return code;
}

// Without mount namespaces the build has to take place where a folder can really be.
std::string real_topdir(const Guardian &guardian) {
  std::string folder = TempFolder("kpatch_make", "/var/tmp").release();
  guardian.remove(folder);
  folder += "/build";
  fs::create_directory(folder);
  log_warning("no mount namespaces here: the package is built in {}; paths in its binaries "
              "differ from those of the distribution's",
              folder);
  return folder;
}

} // namespace

int make_rpm(int argc, char **argv) {
  std::optional<RpmOptions> options = read_rpm_options(argc, argv);
  if (!options)
    return 0;
  set_log_level(options->make.verbose ? LogLevel::info : LogLevel::warning);
  require_rpm_tools();

  Guardian guardian;
  Isolation isolation = find_isolation("/tmp");
  if (isolation == Isolation::exchange)
    options->topdir = real_topdir(guardian);
  WorkArea area(guardian, options->topdir, isolation);
  std::string home = area.folder() + "/home";
  fs::create_directory(home);
  RpmTools tools(options->macros, home);
  Topdir topdir = fill_topdir(options->source, tools, area.tree(kStageConfigure));
  if (options->build_deps)
    tools.install_requirements(area.tree(kStageConfigure) + "/" + topdir.spec,
                               area.tree(kStageConfigure) + "/SOURCES");
  RpmRun run{*options, guardian, area, isolation, tools, topdir, tools.knows_system()};
  if (!run.check_requirements)
    log_info("rpm does not know what is installed here; what the spec needs is not checked");
  run_prep(run);
  return static_cast<int>(build_and_patch(run, make_trees(run)));
}

} // namespace care::make
