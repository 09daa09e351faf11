// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl unpatch: takes patches out of running processes again.
#include <memory>

#include "lib/cli/command_line.h"
#include "libcare-ctl/change_options.h"
#include "libcare-ctl/command.h"
#include "libcare-ctl/report.h"

namespace care::ctl {

namespace {

struct UnpatchOptions {
  ChangeOptions change;
  std::vector<std::string> selectors;
};

ExitCode run_unpatch(const UnpatchOptions &options) {
  TransactionOptions transaction = transaction_options(options.change);
  PidSelection selection = select_pids(options.change.pids);
  return run_for_processes(
      selection, {options.change.json, selection.all, "no patch to undo", options.change.stats},
      [&](pid_t pid) { return undo_patches(pid, options.selectors, transaction); });
}

} // namespace

void add_unpatch_command(CommandLine &app, CommandRun &run) {
  auto options = std::make_shared<UnpatchOptions>();
  CommandLine &command = app.subcommand("unpatch", "Take patches out of running processes");
  command
      .option("selectors", options->selectors,
              "Build-ids (or beginnings of them), object names or patch names; all "
              "patches if none")
      .type_name("BUILDID");
  add_change_options(command, options->change, "patch",
                     "Undo even when a pre-undo hook of the patch refuses");
  command.footer("Examples:\n"
                 "  libcare-ctl unpatch -p 4711\n"
                 "  libcare-ctl unpatch -p 4711 3f2a91 libssl.so.3\n");
  command.on_chosen([options, &run] { run = [options] { return run_unpatch(*options); }; });
}

} // namespace care::ctl
