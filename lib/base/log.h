// SPDX-License-Identifier: GPL-2.0-or-later
//
// Messages for the person at the terminal, always on stderr: results go to
// stdout and stay parseable.
//
// The level is set once by main() from -v and -q, before any thread exists.
#pragma once

#include <string_view>

#include <fmt/core.h>

namespace care {

enum class LogLevel { error, warning, info, debug };

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);
// "tool: " in front of every line.
void set_log_name(std::string_view tool);
void log_text(LogLevel level, std::string_view text);

template<typename... Args>
void log_warning(fmt::format_string<Args...> format, Args &&...args) {
  log_text(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}

template<typename... Args>
void log_info(fmt::format_string<Args...> format, Args &&...args) {
  if (log_enabled(LogLevel::info))
    log_text(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}

template<typename... Args>
void log_debug(fmt::format_string<Args...> format, Args &&...args) {
  if (log_enabled(LogLevel::debug))
    log_text(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

// True when `fd` is a terminal and NO_COLOR is not set: the one test for colour
// and progress lines.
bool is_terminal(int fd);

} // namespace care
