// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/deb_build.h"

#include <chrono>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>

#include "kpatch_make/build/compilers.h"
#include "kpatch_make/deb/private_tools.h"
#include "kpatch_make/make_run.h"
#include "kpatch_make/sources/fixes.h"
#include "kpatch_make/sources/mounts.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

constexpr const char *kPlain = "plain"; // a stage whose results are not read

const CleanRoot &root_of(const DebPlace &place, const std::string &stage) {
  return stage == kStagePatched && place.patched_root ? *place.patched_root : *place.root;
}

// What the build of `stage` sees, below what it writes itself.
RootView stage_view(const DebPlace &place, const std::string &stage, const std::string &tree) {
  RootView view;
  const WorkArea &area = place.area;
  view.lower = root_of(place, stage).layers;
  view.place = area.folder() + "/" + stage + ".root";
  view.shared = {area.store(), area.links(), area.folder() + "/tools",
                 fs::path(area.tree(stage)).parent_path()};
  view.binds[area.tree(stage)] = tree;
  return view;
}

// On this system: the folder around the source is ours, too.
void enter_here(const DebPlace &place, const std::string &stage, const std::string &tree) {
  std::string around = packages_folder(place, stage);
  fs::create_directories(around + "/" + fs::path(tree).filename().string());
  Isolation isolation = geteuid() == 0 ? Isolation::mount_namespace : Isolation::user_namespace;
  enter_view(isolation, around, fs::path(tree).parent_path());
  bind_mount(place.area.tree(stage), tree);
}

std::map<std::string, std::string> package_environment(const DebOptions &options) {
  std::map<std::string, std::string> variables = root_environment();
  if (options.here)
    variables["PATH"] = environment("PATH");
  variables["DEB_BUILD_OPTIONS"] = options.build_options;
  variables["FORCE_UNSAFE_CONFIGURE"] = "1"; // root builds; a clean root has no other user
  return variables;
}

std::map<std::string, std::string>
stage_environment(const DebOptions &options, const WorkArea &area, const std::string &kpatch_cc) {
  std::map<std::string, std::string> variables =
      build_environment(area.links(), area.store(), kpatch_cc);
  variables.erase("SOURCE_DATE_EPOCH"); // dpkg-buildpackage takes it from the changelog
  variables.erase("CC");
  variables.erase("CXX");
  for (const auto &[name, value] : package_environment(options))
    variables[name] = name == "PATH" ? area.links() + ":" + value : value;
  return variables;
}

} // namespace

Build prepare_deb_build(const DebOptions &options, const DebPlace &place) {
  const WorkArea &area = place.area;
  std::string kpatch_cc;
  if (place.root) {
    kpatch_cc = make_private_tools(area.folder() + "/tools");
    for (const std::string &name : compilers_of(root_of(place, kStagePatched)))
      fs::create_symlink(kpatch_cc, area.links() + "/" + name);
  } else {
    kpatch_cc = find_tool("KPATCH_CC", "kpatch_cc");
    make_links(area.links(), kpatch_cc);
  }
  Build build;
  build.command = options.make.command;
  build.environment = stage_environment(options, area, kpatch_cc);
  add_kpatch_variables(build, options.make, area);
  build.clean_environment = true;
  build.tree = options.make.directory;
  build.verbose = options.make.verbose;
  build.enter = [place, path = build.tree](const std::string &stage) {
    if (place.root)
      enter_root(stage_view(place, stage, path));
    else
      enter_here(place, stage, path);
  };
  return build;
}

std::string packages_folder(const DebPlace &place, const std::string &stage) {
  std::string folder = place.area.folder() + "/" + stage;
  return place.root ? folder + ".root/upper/build/reproducible-path" : folder + ".around";
}

int open_shell(const DebOptions &options, const DebPlace &place) {
  RootView view = stage_view(place, kStagePatched, options.make.directory);
  view.place = place.area.folder() + "/shell.root";
  fs::create_directories(place.area.folder() + "/tools");
  RootCommand shell;
  shell.argv = {"/bin/bash", "--norc"};
  shell.directory = options.make.directory;
  shell.environment = {{"HOME", "/root"}, {"PS1", "patched:\\w\\$ "}};
  return run_in_root(view, shell);
}

BuildTime measure_plain_build(const DebOptions &options, const DebPlace &place) {
  copy_tree(place.area.tree(kStageOriginal), place.area.tree(kPlain));
  fs::create_directories(place.area.folder() + "/tools");
  RootCommand command;
  command.argv = options.make.command;
  command.directory = options.make.directory;
  command.environment = package_environment(options);
  command.log = place.area.log(kPlain);
  auto used = [] {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return cpu_seconds(usage);
  };
  double used_before = used();
  auto begin = std::chrono::steady_clock::now();
  if (run_in_root(stage_view(place, kPlain, options.make.directory), command) != 0)
    throw error("the plain build failed:\n{}", last_lines(read_file(command.log)));
  BuildTime time;
  time.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  time.cpu_seconds = used() - used_before;
  print_err("plain build: {:.1f} s, {:.1f} s of processor time\n", time.seconds, time.cpu_seconds);
  fs::remove_all(place.area.folder() + "/plain.root");
  fs::remove_all(place.area.tree(kPlain));
  return time;
}

} // namespace care::make
