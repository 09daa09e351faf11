// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool: makes .kpatch files out of an instrumented link, proves that they
// fit, and shows what is in them. Knows ELF, and nothing of processes.
#include <CLI/CLI.hpp>

#include "kpatch_tool/commands.h"
#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/version.h"

namespace care::tool {

namespace {

int run(int argc, char **argv) {
  set_log_name("kpatch_tool");
  CLI::App app{"Make, check and show .kpatch files, compare types.", "kpatch_tool"};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 2 wrong command line, 3 malformed input, 6 something that cannot\n"
      "be carried, 7 nothing changed, 9 the files do not fit together, 1 anything else.");
  int exit_code = 0;
  add_make_command(app, exit_code);
  add_check_command(app, exit_code);
  add_show_command(app, exit_code);
  add_types_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return exit_code;
}

} // namespace

} // namespace care::tool

int main(int argc, char **argv) {
  return care::run_main("kpatch_tool", care::tool::run, argc, argv);
}
