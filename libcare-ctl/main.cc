// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl: the doctor. One file for each command; what they do to a process is
// in lib/transaction.
#include <algorithm>
#include <cstring>

#include "lib/base/log.h"
#include "lib/base/version.h"
#include "lib/cli/command_line.h"
#include "libcare-ctl/command.h"

namespace care::ctl {

namespace {

constexpr const char *kExitCodes =
    "Exit codes: 0 done (or was so already), 1 other failure, 2 bad command line,\n"
    "3 malformed patch, 4 no such process or it exited, 5 may not trace it, 6 not\n"
    "supported (32-bit, seccomp), 7 nothing to do, 8 the code stayed in use, 9 the\n"
    "patch does not fit this process, 10 a hook of the patch refused, 11 (info) something\n"
    "lacks its patch, 12 not a newer level, or another patch replaces the same function.\n"
    "On any but 0 the process is as it was.\n";

// What `exec` is to start stands behind "--" and is none of our options. It is cut off.
std::vector<char *> take_program(int &argc, char **argv) {
  char **end = argv + argc;
  char **mark = std::find_if(argv, end, [](const char *a) { return strcmp(a, "--") == 0; });
  if (std::none_of(argv, mark, [](const char *a) { return strcmp(a, "exec") == 0; }))
    return {};
  argc = static_cast<int>(mark - argv);
  return mark == end ? std::vector<char *>() : std::vector<char *>(mark + 1, end);
}

int run(int argc, char **argv) {
  CommandLine app("Patches the code of running processes.", "libcare-ctl");
  app.version(fmt::format("libcare-ctl {}", kVersion));
  app.footer(kExitCodes);
  app.options_anywhere();
  int verbose = 0;
  app.flag("-v,--verbose", verbose, "Say more; twice: everything");
  CommandRun command;
  add_patch_command(app, command);
  add_unpatch_command(app, command);
  add_info_command(app, command);
  add_exec_command(app, command, take_program(argc, argv));
  if (std::optional<int> status = app.parse(argc, argv))
    return *status;
  set_log_name("libcare-ctl");
  set_log_level(verbose == 0 ? LogLevel::warning : verbose == 1 ? LogLevel::info : LogLevel::debug);
  return static_cast<int>(command());
}

} // namespace

} // namespace care::ctl

int main(int argc, char **argv) {
  return care::run_main("libcare-ctl", care::ctl::run, argc, argv);
}
