// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/deb/deb_command.h"

#include <filesystem>
#include <optional>

#include "kpatch_cc/store_layout.h"
#include "lib/base/error.h"
#include "lib/base/log.h"
#include "packaging/kpatch_make/compilers.h"
#include "packaging/kpatch_make/deb/clean_root.h"
#include "packaging/kpatch_make/deb/deb_options.h"
#include "packaging/kpatch_make/deb/deb_trees.h"
#include "packaging/kpatch_make/deb/debian_source.h"
#include "packaging/kpatch_make/deb/private_tools.h"
#include "packaging/kpatch_make/guardian.h"
#include "packaging/kpatch_make/make_run.h"
#include "packaging/kpatch_make/work_area.h"

namespace care {

namespace fs = std::filesystem;

namespace {

// What the build of `stage` sees, below what it writes itself.
RootView stage_view(const CleanRoot &root, const WorkArea &area, const std::string &stage,
                    const std::string &build_path) {
  RootView view;
  view.lower = root.layers;
  view.place = area.folder() + "/" + stage + ".root";
  view.shared = {area.store(), area.links(), area.folder() + "/tools",
                 fs::path(area.tree(stage)).parent_path()};
  view.binds[area.tree(stage)] = build_path;
  return view;
}

// dpkg-buildpackage leaves the packages beside the tree.
std::string packages_folder(const WorkArea &area, const std::string &stage) {
  return area.folder() + "/" + stage + ".root/upper/build/reproducible-path";
}

std::map<std::string, std::string>
stage_environment(const DebOptions &options, const WorkArea &area, const std::string &kpatch_cc) {
  std::map<std::string, std::string> variables =
      build_environment(area.links(), area.store(), kpatch_cc);
  variables.erase("SOURCE_DATE_EPOCH"); // dpkg-buildpackage takes it from the changelog
  variables.erase("CC");
  variables.erase("CXX");
  for (const auto &[name, value] : root_environment())
    variables[name] = name == "PATH" ? area.links() + ":" + value : value;
  variables["DEB_BUILD_OPTIONS"] = options.build_options;
  variables["FORCE_UNSAFE_CONFIGURE"] = "1"; // we are root; nobody else is in there
  return variables;
}

Build prepare_deb_build(const DebOptions &options, const CleanRoot &root, const WorkArea &area) {
  std::string kpatch_cc = make_private_tools(area.folder() + "/tools");
  for (const std::string &name : compilers_of(root))
    fs::create_symlink(kpatch_cc, area.links() + "/" + name);
  Build build;
  build.command = options.make.command;
  build.environment = stage_environment(options, area, kpatch_cc);
  add_kpatch_variables(build, options.make, area);
  build.clean_environment = true;
  build.tree = options.make.directory;
  build.verbose = options.make.verbose;
  build.enter = [root, &area, path = build.tree](const std::string &stage) {
    enter_root(stage_view(root, area, stage, path));
  };
  return build;
}

void keep_packages(const std::string &keep, const WorkArea &area) {
  if (keep.empty())
    return;
  for (const char *stage : {kStageOriginal, kStagePatched}) {
    std::string to = keep + "/" + stage + "/debs";
    fs::remove_all(to);
    fs::create_directories(to);
    std::error_code none;
    for (const fs::directory_entry &entry :
         fs::directory_iterator(packages_folder(area, stage), none))
      if (entry.is_regular_file() && entry.path().extension() != ".changes")
        fs::copy_file(entry.path(), to + "/" + entry.path().filename().string());
  }
}

std::vector<std::string> build_command(const DebOptions &options) {
  std::vector<std::string> command = {"dpkg-buildpackage", "-b", "-uc", "-us"};
  if (!options.profiles.empty())
    command.push_back("-P" + options.profiles);
  return command;
}

} // namespace

int run_deb_command(int argc, char **argv) {
  std::optional<DebOptions> options = read_deb_options(argc, argv);
  if (!options)
    return 0;
  set_log_name("kpatch_make");
  set_log_level(options->make.verbose ? LogLevel::info : LogLevel::warning);

  Guardian guardian;
  WorkArea area(guardian, "/build/reproducible-path", Isolation::mount_namespace);
  RootRequest request{options->root, area.folder() + "/root.log", options->make.verbose,
                      options->update};
  CleanRoot root = find_clean_root(request, guardian);
  DebTrees trees = make_deb_trees(*options, {root, area.folder(), options->make.verbose}, area);
  std::string tree = area.tree(kStageOriginal);
  add_build_dependencies(root, {tree, dependency_fields(tree), options->profiles}, request,
                         guardian);

  options->make.patches = trees.fixes;
  options->make.directory = build_path(trees.name, trees.version);
  options->make.command = build_command(*options);
  fmt::print(stderr, "{} {}, at {}\n", trees.name, trees.version, options->make.directory);
  Build build = prepare_deb_build(*options, root, area);
  try {
    make_bundle(options->make, build, area, guardian);
  } catch (...) {
    keep_packages(options->make.keep, area);
    throw;
  }
  keep_packages(options->make.keep, area);
  return 0;
}

} // namespace care
