// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/deb_command.h"

#include <filesystem>
#include <optional>

#include "kpatch_make/deb/deb_build.h"
#include "kpatch_make/deb/deb_options.h"
#include "kpatch_make/deb/deb_trees.h"
#include "kpatch_make/deb/debian_source.h"
#include "kpatch_make/guardian.h"
#include "kpatch_make/make_run.h"
#include "kpatch_make/sources/patched_shell.h"
#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

void keep_packages(const std::string &keep, const DebPlace &place) {
  if (keep.empty())
    return;
  for (const char *stage : {kStageOriginal, kStagePatched}) {
    std::string to = keep + "/" + stage + "/debs";
    fs::remove_all(to);
    fs::create_directories(to);
    std::error_code none;
    for (const fs::directory_entry &entry :
         fs::directory_iterator(packages_folder(place, stage), none))
      if (entry.is_regular_file() && entry.path().extension() != ".changes")
        fs::copy_file(entry.path(), to + "/" + entry.path().filename().string());
  }
}

// dpkg-buildpackage, which looks before it builds.
bool lacks_dependencies(const DebOptions &options, const DebPlace &place) {
  if (!options.here || options.build_deps)
    return false;
  for (const char *stage : {kStageOriginal, kStagePatched})
    if (std::string log = place.area.log(stage);
        fs::exists(log) &&
        read_file(log).find("error: Unmet build dependencies") != std::string::npos)
      return true;
  return false;
}

std::vector<std::string> build_command(const DebOptions &options) {
  std::vector<std::string> command = {"dpkg-buildpackage", options.arch_only ? "-B" : "-b", "-uc",
                                      "-us"};
  if (!options.profiles.empty())
    command.push_back("-P" + options.profiles);
  return command;
}

void install_here(const DebOptions &options, const std::string &tree) {
  Command command;
  command.argv = {"apt-get", "-y", "--no-install-recommends"};
  if (options.arch_only)
    command.argv.push_back("--arch-only");
  command.argv.insert(command.argv.end(), {"build-dep", tree});
  if (!run(command).ok())
    throw error("{} failed", shell_text(command.argv));
}

// A clean root always gets them. What only the patched source needs, another version of it
// perhaps, the original's build does not see: it would find it, and be another one.
void install_dependencies(const DebOptions &options, DebPlace &place, const RootRequest &request,
                          const Guardian &guardian) {
  std::string original = place.area.tree(kStageOriginal), patched = place.area.tree(kStagePatched);
  std::string fields = dependency_fields(original), patched_fields = dependency_fields(patched);
  if (place.root) {
    add_build_dependencies(*place.root, {original, fields, options.profiles, options.arch_only},
                           request, guardian);
    if (patched_fields == fields)
      return;
    place.patched_root = place.root;
    return add_build_dependencies(*place.patched_root,
                                  {patched, patched_fields, options.profiles, options.arch_only},
                                  request, guardian);
  }
  if (!options.build_deps)
    return;
  install_here(options, original);
  if (patched_fields != fields)
    install_here(options, patched);
}

// The files that the patches are for: those named with --target, `archive` among them, or
// those that the original build packs. Test programs are in neither.
std::vector<std::string> find_targets(const DebOptions &options, const SourceKitchen &kitchen,
                                      const DebTrees &trees, const DebPlace &place) {
  std::vector<std::string> targets;
  for (const std::string &target : options.make.targets) {
    targets.push_back(target);
    if (target != kArchiveTarget)
      continue;
    targets.back() = place.area.folder() + "/archive";
    if (fetch_binaries(kitchen, place.area.tree(kStageOriginal), trees.version, targets.back()) ==
        0)
      throw error("apt has no package of {} at version {}", trees.name, trees.version)
          .with_hint("give the .deb files themselves: --target FILE.deb");
    if (trees.shipped_is_patched)
      log_warning("the archive's packages have this fix already, and no patch fits where it is; "
                  "without --target the patches are for those of the original build");
  }
  if (targets.empty())
    targets = {packages_folder(place, kStageOriginal)};
  return targets;
}

// What is changed by hand is a part of the fix for the reports.
void adapt_by_hand(DebOptions &options, const DebPlace &place) {
  ShellPlace tree{place.area.tree(kStagePatched), "", options.make.directory};
  std::string patch = adapt_in_shell(place.area, tree, options.make.bundle, "--adapt",
                                     [&] { return open_shell(options, place); });
  if (!patch.empty())
    options.make.patches.push_back(patch);
}

} // namespace

int run_deb_command(int argc, char **argv) {
  std::optional<DebOptions> options = read_deb_options(argc, argv);
  if (!options)
    return 0;
  set_log_level(options->make.verbose ? LogLevel::info : LogLevel::warning);

  Guardian guardian;
  WorkArea area(guardian, "/build/reproducible-path", Isolation::mount_namespace);
  RootRequest request{options->root, area.folder() + "/root.log", options->make.verbose,
                      options->update};
  DebPlace place{std::nullopt, area};
  if (!options->here)
    place.root = find_clean_root(request, guardian);
  SourceKitchen kitchen{place.root, area.folder(), options->make.verbose};
  DebTrees trees = make_deb_trees(*options, kitchen, area);
  install_dependencies(*options, place, request, guardian);

  options->make.patches = trees.fixes;
  options->make.package = trees.name;
  options->make.package_version = trees.version;
  options->make.directory = build_path(trees.name, trees.version);
  options->make.command = build_command(*options);
  print_err("{} {}, at {}\n", trees.name, trees.version, options->make.directory);
  if (options->make.shell)
    adapt_by_hand(*options, place);
  if (options->measure)
    options->make.plain = measure_plain_build(*options, place);
  options->make.headers.push_back(packages_folder(place, kStageOriginal));
  options->make.targets = find_targets(*options, kitchen, trees, place);
  Build build = prepare_deb_build(*options, place);
  ExitCode code = ExitCode::ok;
  try {
    code = make_bundle(options->make, build, area, guardian);
  } catch (const Error &e) {
    keep_packages(options->make.keep, place);
    if (lacks_dependencies(*options, place))
      throw Error(e.message(), e.code())
          .with_hint("--build-deps installs them; or build in a clean root, without --here");
    throw;
  } catch (...) {
    keep_packages(options->make.keep, place);
    throw;
  }
  keep_packages(options->make.keep, place);
  return static_cast<int>(code);
}

} // namespace care::make
