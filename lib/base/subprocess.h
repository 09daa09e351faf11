// SPDX-License-Identifier: GPL-2.0-or-later
//
// Starting other programs, without a shell in between.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace care {

struct Command {
  std::vector<std::string> argv;                  // argv[0] is looked up in PATH
  std::optional<std::string> directory;           // working directory, ours when empty
  std::map<std::string, std::string> environment; // added to ours
  std::optional<std::string> stdin_path;          // /dev/null when empty and output is captured
  bool capture = false;                           // collect stdout and stderr, interleaved
  bool stderr_too = true;                         // or stderr stays ours
  bool ends_with_us = false;                      // is killed when the thread that waits ends
  // Called for every complete line of captured output as it comes.
  std::function<void(std::string_view)> on_line;
};

struct Outcome {
  int exit_status = 0; // as a shell gives it: the exit code, or 128 + signal
  std::string output;  // empty unless captured
  bool ok() const { return exit_status == 0; }
};

// Runs to the end. Throws Error only when the program cannot be started.
Outcome run(const Command &command);

// What waitpid() tells of a process that ended, as a shell gives it.
int exit_status_of(int wait_status);

// Becomes the program, which is looked up in PATH. Throws Error when it cannot be run.
[[noreturn]] void exec_command(const std::vector<std::string> &argv);

// The command as one could type it, quoted where needed. For messages.
std::string shell_text(const std::vector<std::string> &argv);

} // namespace care
