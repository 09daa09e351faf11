// SPDX-License-Identifier: GPL-2.0-or-later
//
// The subcommands, one file each. Every add_* puts its options on the command
// line; `run` is called after a successful parse and returns the exit code.
#pragma once

#include "lib/cli/command_line.h"

namespace care::tool {

void add_make_command(CommandLine &app, int &exit_code);
void add_check_command(CommandLine &app, int &exit_code);
void add_show_command(CommandLine &app, int &exit_code);
void add_types_command(CommandLine &app, int &exit_code);

} // namespace care::tool
