// SPDX-License-Identifier: GPL-2.0-or-later
#include "libcare-ctl/change_options.h"

#include <map>

#include <CLI/CLI.hpp>

namespace care::ctl {

namespace {

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

void add_coroutines_option(CLI::App &command, CoroutineMode &mode) {
  static const std::map<std::string, CoroutineMode> kModes = {{"auto", CoroutineMode::automatic},
                                                              {"scan", CoroutineMode::scan},
                                                              {"off", CoroutineMode::off}};
  command
      .add_option("--coroutines", mode,
                  "Stacks that no thread runs on: 'auto' looks where there are signs of them, "
                  "'scan' reads all memory in the stop, 'off' does not look")
      ->type_name("auto|scan|off")
      ->transform(CLI::CheckedTransformer(kModes, CLI::ignore_case).description(""))
      ->default_str("auto");
}

} // namespace

void add_change_options(CLI::App &command, ChangeOptions &options, const std::string &code,
                        const std::string &force) {
  command.add_option("-p,--pid", options.pids, "Process id, several with commas, or 'all'")
      ->required()
      ->type_name("PID");
  command.add_flag("--json", options.json, "Print the results as JSON");
  command.add_flag("--stats", options.stats,
                   "Print threads, words scanned, stacks unwound, retries and times");
  command.add_flag("--dry-run", options.dry_run,
                   "Do everything but change the process (it is stopped and checked)");
  command
      .add_option("--timeout", options.timeout,
                  "Give up when the " + code + " stays in use for that long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command
      .add_option("--hook-timeout", options.hook_timeout,
                  "Give up when the patch's hooks, for which the process stands still, "
                  "take that long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  add_coroutines_option(command, options.coroutines);
  command.add_flag("--force", options.force, force);
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
