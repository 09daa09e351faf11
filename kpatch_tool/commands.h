// SPDX-License-Identifier: GPL-2.0-or-later
//
// The subcommands, one file each. Every add_* puts its options on the command
// line; `run` is called after a successful parse and returns the exit code.
#pragma once

namespace CLI {
class App;
}

namespace care::tool {

void add_make_command(CLI::App &app, int &exit_code);
void add_check_command(CLI::App &app, int &exit_code);
void add_show_command(CLI::App &app, int &exit_code);
void add_types_command(CLI::App &app, int &exit_code);

} // namespace care::tool
