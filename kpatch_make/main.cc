// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_make: from a source tree and a fix to a bundle of .kpatch files.
//
// It builds the tree twice with the package's own build command, at the same
// path, once as it is and once with the fix, with kpatch_cc between the build
// and its compilers; pairs what was linked; and has kpatch_tool make one
// <build-id>.kpatch for each executable and shared object that changed.
//
// The source tree itself is never touched: see work_area.h and guardian.h.
#include <optional>
#include <string_view>

#include "kpatch_make/deb/deb_command.h"
#include "kpatch_make/guardian.h"
#include "kpatch_make/make_run.h"
#include "kpatch_make/options.h"
#include "kpatch_make/rpm/rpm_package.h"
#include "kpatch_make/sources/fixes.h"
#include "kpatch_make/sources/patched_shell.h"
#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace {

// What is changed by hand is a part of the fix for the reports.
void adapt_by_hand(MakeOptions &options, const WorkArea &area, Isolation isolation) {
  ShellPlace place{area.tree(kStagePatched), "", options.directory};
  std::string patch = adapt_in_shell(area, place, options.bundle, "-p",
                                     [&] { return shell_here(place, isolation); });
  if (!patch.empty())
    options.patches.push_back(patch);
}

int body(int argc, char **argv) {
  std::optional<MakeOptions> options = read_make_options(argc, argv);
  if (!options)
    return 0;
  set_log_level(options->verbose ? LogLevel::info : LogLevel::warning);

  Guardian guardian;
  Isolation isolation = find_isolation(options->directory);
  if (isolation == Isolation::exchange)
    log_warning("no mount namespaces here: {} is exchanged for a copy while a build runs",
                options->directory);
  WorkArea area(guardian, options->directory, isolation);
  copy_tree(options->directory, area.tree(kStageOriginal));
  copy_tree(options->directory, area.tree(kStagePatched));
  apply_fixes(options->patches, options->reading, area.tree(kStagePatched));
  if (options->shell)
    adapt_by_hand(*options, area, isolation);
  return static_cast<int>(
      make_bundle(*options, prepare_build(*options, area, isolation), area, guardian));
}

// A first word that is no option names a kind of source package.
int choose(int argc, char **argv) {
  std::string_view kind = argc > 1 ? argv[1] : "";
  set_log_name("kpatch_make");
  if (kind == "deb")
    return run_deb_command(argc - 1, argv + 1);
  if (kind == "rpm")
    return make_rpm(argc - 1, argv + 1);
  return body(argc, argv);
}

} // namespace

} // namespace care::make

int main(int argc, char **argv) {
  return care::run_main("kpatch_make", care::make::choose, argc, argv);
}
