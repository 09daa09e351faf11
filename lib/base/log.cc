// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/log.h"
#include "lib/base/print.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace care {

namespace {

struct LogState {
  LogLevel level = LogLevel::warning;
  std::string tool;
};

// The one process-wide setting there is: what main() chose before it began.
LogState &state() {
  static LogState instance;
  return instance;
}

} // namespace

void set_log_level(LogLevel level) {
  state().level = level;
}

bool log_enabled(LogLevel level) {
  return level <= state().level;
}

void set_log_name(std::string_view tool) {
  state().tool = tool;
}

void log_text(LogLevel level, std::string_view text) {
  if (!log_enabled(level))
    return;
  const char *mark = level == LogLevel::warning ? "warning: " : "";
  if (state().tool.empty())
    print_err("{}{}\n", mark, text);
  else
    print_err("{}: {}{}\n", state().tool, mark, text);
}

bool is_terminal(int fd) {
  return isatty(fd) == 1 && std::getenv("NO_COLOR") == nullptr;
}

} // namespace care
