// SPDX-License-Identifier: GPL-2.0-or-later
//
// What patch and unpatch say about their work: lines for people, JSON for programs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/transaction/transaction.h"
#include "libcare-ctl/command.h"

namespace care::ctl {

// One process's outcome: a report, or the error that left it unchanged.
struct ProcessOutcome {
  pid_t pid = 0;
  ProcessReport report;
  std::string error; // empty: none
  std::string hint;
  ExitCode code = ExitCode::ok;
};

struct ReportOptions {
  bool json = false;
  bool all = false; // processes that nothing matched are not worth a line
  const char *nothing = "no object matches";
  bool stats = false; // what the time went to, as text; JSON has it always
};

// Runs `work` for each process; an error in one does not keep it from the next.
// Prints as it goes (text) or at the end (JSON). The worst code of all, or
// nothing_to_do when there was nothing in any of them.
ExitCode run_for_processes(const PidSelection &selection, const ReportOptions &options,
                           const std::function<ProcessReport(pid_t)> &work);

} // namespace care::ctl
