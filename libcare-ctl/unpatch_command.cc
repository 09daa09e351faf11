// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl unpatch: takes patches out of running processes again.
#include <memory>

#include <CLI/CLI.hpp>

#include "libcare-ctl/command.h"
#include "libcare-ctl/report.h"

namespace care {

namespace {

struct UnpatchOptions {
  std::string pids;
  std::vector<std::string> selectors;
  bool json = false;
  bool stats = false;
  bool dry_run = false;
  double timeout = 10;
  double hook_timeout = 1;
  CoroutineMode coroutines = CoroutineMode::automatic;
  bool force = false;
};

ExitCode run_unpatch(const UnpatchOptions &options) {
  TransactionOptions transaction;
  transaction.timeout = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1000));
  transaction.dry_run = options.dry_run;
  transaction.coroutines = options.coroutines;
  transaction.hook_timeout =
      std::chrono::milliseconds(static_cast<int64_t>(options.hook_timeout * 1000));
  transaction.force = options.force;
  PidSelection selection = select_pids(options.pids);
  return run_for_processes(
      selection, {options.json, selection.all, "no patch to undo", options.stats},
      [&](pid_t pid) { return undo_patches(pid, options.selectors, transaction); });
}

} // namespace

void add_unpatch_command(CLI::App &app, CommandRun &run) {
  auto options = std::make_shared<UnpatchOptions>();
  CLI::App *command = app.add_subcommand("unpatch", "Take patches out of running processes");
  command->add_option("-p,--pid", options->pids, "Process id, several with commas, or 'all'")
      ->required()
      ->type_name("PID");
  command
      ->add_option("selectors", options->selectors,
                   "Build-ids (or beginnings of them), object names or patch names; all "
                   "patches if none")
      ->type_name("BUILDID");
  command->add_flag("--json", options->json, "Print the results as JSON");
  command->add_flag("--stats", options->stats,
                    "Print threads, words scanned, stacks unwound, retries and times");
  command->add_flag("--dry-run", options->dry_run,
                    "Do everything but change the process (it is stopped and checked)");
  command
      ->add_option("--timeout", options->timeout,
                   "Give up when the patch stays in use for that long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command
      ->add_option("--hook-timeout", options->hook_timeout,
                   "Give up when the patch's hooks, for which the process stands still, "
                   "take that long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  add_coroutines_option(*command, options->coroutines);
  command->add_flag("--force", options->force,
                    "Undo even when a pre-undo hook of the patch refuses");
  command->footer("Examples:\n"
                  "  libcare-ctl unpatch -p 4711\n"
                  "  libcare-ctl unpatch -p 4711 3f2a91 libssl.so.3\n");
  command->callback([options, &run] { run = [options] { return run_unpatch(*options); }; });
}

} // namespace care
