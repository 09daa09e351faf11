// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the commands share: each adds a subcommand to the parser, and runs when it
// was the one chosen.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "lib/base/error.h"
#include "lib/cli/command_line.h"

namespace care::ctl {

// A command's work, with its options bound; returns the exit code. Empty until the
// parser has met the subcommand.
using CommandRun = std::function<ExitCode()>;

void add_patch_command(CommandLine &app, CommandRun &run);
void add_unpatch_command(CommandLine &app, CommandRun &run);
void add_info_command(CommandLine &app, CommandRun &run);
// `program` is what stood behind the first "--" of the command line.
void add_exec_command(CommandLine &app, CommandRun &run, std::vector<char *> program);

// The processes that `-p` names: "all", or numbers separated by commas. `all` is
// every process but kernel threads, pid 1, this program and those that it
// descends from. Throws Error usage.
struct PidSelection {
  std::vector<pid_t> pids;
  bool all = false;
};
PidSelection select_pids(const std::string &text);

} // namespace care::ctl
