// SPDX-License-Identifier: GPL-2.0-or-later
//
// measure COMMAND...: runs it and prints its processor time in seconds (user and
// system) and its peak resident memory in KiB. What /usr/bin/time would, without
// being a package of its own.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>

#include "lib/base/error.h"
#include "lib/base/subprocess.h"

namespace {

double seconds(const timeval &t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

int measure(int argc, char **argv) {
  if (argc < 2)
    throw care::error(care::ExitCode::usage, "usage: measure COMMAND...");
  care::Outcome outcome = care::run({.argv = {argv + 1, argv + argc},
                                     .directory = {},
                                     .environment = {},
                                     .stdin_path = {},
                                     .capture = false,
                                     .on_line = {}});
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  fmt::print("{:.3f} {}\n", seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
  return outcome.exit_status;
}

} // namespace

int main(int argc, char **argv) {
  return care::run_main("measure", measure, argc, argv);
}
