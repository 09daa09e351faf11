// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl patch: applies a bundle to running processes.
#include <memory>

#include "lib/cli/command_line.h"
#include "libcare-ctl/change_options.h"
#include "libcare-ctl/command.h"
#include "libcare-ctl/report.h"

namespace care::ctl {

namespace {

struct PatchOptions {
  ChangeOptions change;
  std::vector<std::string> bundle;
};

ExitCode run_patch(const PatchOptions &options) {
  Bundle bundle = read_bundle(options.bundle);
  TransactionOptions transaction = transaction_options(options.change);
  PidSelection selection = select_pids(options.change.pids);
  return run_for_processes(selection,
                           {options.change.json, selection.all,
                            "no loaded object has a build-id that the bundle has a patch for",
                            options.change.stats},
                           [&](pid_t pid) { return apply_bundle(pid, bundle, transaction); });
}

} // namespace

void add_patch_command(CommandLine &app, CommandRun &run) {
  auto options = std::make_shared<PatchOptions>();
  CommandLine &command = app.subcommand("patch", "Apply patches to running processes");
  command
      .option("bundle", options->bundle,
              "A .kpatch file, or a folder of them; several make one bundle")
      .required()
      .type_name("BUNDLE");
  add_change_options(command, options->change, "code",
                     "Replace a patch of the same name by one whose level is not higher");
  command.footer("All objects of a process are patched at the same moment, or none.\n"
                 "\n"
                 "Examples:\n"
                 "  libcare-ctl patch -p 4711 fix/\n"
                 "  libcare-ctl patch -p $(pidof nginx | tr ' ' ,) 3f2a91.kpatch\n"
                 "  libcare-ctl patch --dry-run -p all fix/\n");
  command.on_chosen([options, &run] { run = [options] { return run_patch(*options); }; });
}

} // namespace care::ctl
