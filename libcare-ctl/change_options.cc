// SPDX-License-Identifier: GPL-2.0-or-later
#include "libcare-ctl/change_options.h"

#include "lib/cli/command_line.h"
#include <map>

namespace care::ctl {

namespace {

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

void add_coroutines_option(CommandLine &command, CoroutineMode &mode) {
  static const std::map<std::string, CoroutineMode> kModes = {{"auto", CoroutineMode::automatic},
                                                              {"scan", CoroutineMode::scan},
                                                              {"off", CoroutineMode::off}};
  command
      .choice("--coroutines", mode, kModes,
              "Stacks that no thread runs on: 'auto' looks where there are signs of them, "
              "'scan' reads all memory in the stop, 'off' does not look",
              "auto")
      .type_name("auto|scan|off");
}

} // namespace

void add_change_options(CommandLine &command, ChangeOptions &options, const std::string &code,
                        const std::string &force) {
  command.option("-p,--pid", options.pids, "Process id, several with commas, or 'all'")
      .required()
      .type_name("PID");
  command.flag("--json", options.json, "Print the results as JSON");
  command.flag("--stats", options.stats,
               "Print threads, words scanned, stacks unwound, retries and times");
  command.flag("--dry-run", options.dry_run,
               "Do everything but change the process (it is stopped and checked)");
  command
      .option("--timeout", options.timeout,
              "Give up when the " + code + " stays in use for that long")
      .type_name("SECONDS")
      .range(0.0, 86400.0)
      .show_default();
  command
      .option("--hook-timeout", options.hook_timeout,
              "Give up when the patch's hooks, for which the process stands still, "
              "take that long")
      .type_name("SECONDS")
      .range(0.0, 3600.0)
      .show_default();
  add_coroutines_option(command, options.coroutines);
  command.flag("--force", options.force, force);
}

TransactionOptions transaction_options(const ChangeOptions &options) {
  TransactionOptions transaction;
  transaction.timeout = milliseconds(options.timeout);
  transaction.dry_run = options.dry_run;
  transaction.coroutines = options.coroutines;
  transaction.force = options.force;
  transaction.hook_timeout = milliseconds(options.hook_timeout);
  return transaction;
}

} // namespace care::ctl
