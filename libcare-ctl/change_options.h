// SPDX-License-Identifier: GPL-2.0-or-later
//
// The options that patch and unpatch share: which processes, how long, how carefully,
// and what is said about it.
#pragma once

#include <string>

#include "lib/cli/command_line.h"
#include "lib/transaction/transaction.h"

namespace care::ctl {

struct ChangeOptions {
  std::string pids;
  bool json = false;
  bool stats = false;
  bool dry_run = false;
  bool force = false;
  double timeout = 10;     // seconds
  double hook_timeout = 1; // seconds
  CoroutineMode coroutines = CoroutineMode::automatic;
};

// Declares them on `command`; `options` must live as long as the command. `code` is what
// may stay in use, `force` what --force does.
void add_change_options(CommandLine &command, ChangeOptions &options, const std::string &code,
                        const std::string &force);

TransactionOptions transaction_options(const ChangeOptions &options);

} // namespace care::ctl
