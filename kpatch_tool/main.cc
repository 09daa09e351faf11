// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool: makes .kpatch files out of an instrumented link, proves that they
// fit, and shows what is in them. Knows ELF, and nothing of processes.

#include "kpatch_tool/commands.h"
#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/version.h"
#include "lib/cli/command_line.h"

namespace care::tool {

namespace {

int run(int argc, char **argv) {
  set_log_name("kpatch_tool");
  CommandLine app{"Make, check and show .kpatch files, compare types.", "kpatch_tool"};
  app.version(kVersion);
  app.footer(
      "Exit codes: 0 done, 2 wrong command line, 3 malformed input, 6 something that cannot\n"
      "be carried, 7 nothing changed, 9 the files do not fit together, 1 anything else.");
  int exit_code = 0;
  add_make_command(app, exit_code);
  add_check_command(app, exit_code);
  add_show_command(app, exit_code);
  add_types_command(app, exit_code);
  if (std::optional<int> status = app.parse(argc, argv))
    return *status;
  return exit_code;
}

} // namespace

} // namespace care::tool

int main(int argc, char **argv) {
  return care::run_main("kpatch_tool", care::tool::run, argc, argv);
}
