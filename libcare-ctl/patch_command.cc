// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl patch: applies a bundle to running processes.
#include <memory>

#include <CLI/CLI.hpp>

#include "libcare-ctl/command.h"
#include "libcare-ctl/report.h"

namespace care {

namespace {

struct PatchOptions {
  std::string pids;
  std::vector<std::string> bundle;
  bool json = false;
  bool stats = false;
  bool dry_run = false;
  bool force = false;
  double timeout = 10;
  double hook_timeout = 1;
  CoroutineMode coroutines = CoroutineMode::automatic;
};

ExitCode run_patch(const PatchOptions &options) {
  Bundle bundle = read_bundle(options.bundle);
  TransactionOptions transaction;
  transaction.timeout = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1000));
  transaction.dry_run = options.dry_run;
  transaction.coroutines = options.coroutines;
  transaction.force = options.force;
  transaction.hook_timeout =
      std::chrono::milliseconds(static_cast<int64_t>(options.hook_timeout * 1000));
  PidSelection selection = select_pids(options.pids);
  return run_for_processes(selection,
                           {options.json, selection.all,
                            "no loaded object has a build-id that the bundle has a patch for",
                            options.stats},
                           [&](pid_t pid) { return apply_bundle(pid, bundle, transaction); });
}

} // namespace

void add_patch_command(CLI::App &app, CommandRun &run) {
  auto options = std::make_shared<PatchOptions>();
  CLI::App *command = app.add_subcommand("patch", "Apply patches to running processes");
  command->add_option("-p,--pid", options->pids, "Process id, several with commas, or 'all'")
      ->required()
      ->type_name("PID");
  command
      ->add_option("bundle", options->bundle,
                   "A .kpatch file, or a folder of them; several make one bundle")
      ->required()
      ->type_name("BUNDLE");
  command->add_flag("--json", options->json, "Print the results as JSON");
  command->add_flag("--stats", options->stats,
                    "Print threads, words scanned, stacks unwound, retries and times");
  command->add_flag("--dry-run", options->dry_run,
                    "Do everything but change the process (it is stopped and checked)");
  command
      ->add_option("--timeout", options->timeout,
                   "Give up when the code stays in use for that long")
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
                    "Replace a patch of the same name by one whose level is not higher");
  command->footer("All objects of a process are patched at the same moment, or none.\n"
                  "\n"
                  "Examples:\n"
                  "  libcare-ctl patch -p 4711 fix/\n"
                  "  libcare-ctl patch -p $(pidof nginx | tr ' ' ,) 3f2a91.kpatch\n"
                  "  libcare-ctl patch --dry-run -p all fix/\n");
  command->callback([options, &run] { run = [options] { return run_patch(*options); }; });
}

} // namespace care
