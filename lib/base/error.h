// SPDX-License-Identifier: GPL-2.0-or-later
//
// Errors.
//
// Whatever goes wrong travels as one exception type that gathers context on
// its way up. The innermost place knows *what* failed, the callers add *where*
// (object, symbol, pid, file and line) with with_context(), and main() prints
// one line, a hint when there is one, and turns the kind into an exit code.
//
//     libcare-ctl: pid 4711 (redis-server): libssl.so.3: cannot resolve import
//       SSL_read@OPENSSL_3.0.0: no loaded object defines it
//     hint: ...
//
// Nothing below main() may call exit(): a stopped target can be behind it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace care {

// Exit codes of every tool of this project; documented in docs/man. Stable.
enum class ExitCode : int {
  ok = 0,
  failure = 1,       // anything that has no code of its own
  usage = 2,         // bad command line
  bad_input = 3,     // malformed .kpatch, assembly, ELF file
  no_process = 4,    // no such process, or it exited meanwhile
  no_permission = 5, // ptrace refused, or the process is already traced
  unsupported = 6,   // 32-bit target, construct that cannot be carried
  nothing_to_do = 7, // no object matches, nothing changed, nothing to undo
  unsafe = 8,        // the code was in use until the deadline
  does_not_fit = 9,  // wrong bytes, unresolved import, no room in reach, layout proof failed
  refused = 10,      // a hook of the patch said no, or failed
  lacks_patch = 11,  // monitoring: something that should have a patch has not
  conflict = 12,     // not a newer level, or two patches replace one function
  partial = 13,      // some objects have a patch, others were refused
  build_failed = 14, // a build of the package ended with an error
};

class Error : public std::runtime_error {
 public:
  explicit Error(std::string message, ExitCode code = ExitCode::failure)
      : std::runtime_error(message), message_(std::move(message)), code_(code) {}

  const char *what() const noexcept override { return message_.c_str(); }
  const std::string &message() const { return message_; }
  // What the user can do next; empty when there is nothing to say.
  const std::string &hint() const { return hint_; }
  ExitCode code() const { return code_; }

  // Puts "where: " in front of the message.
  Error &add_context(std::string_view where);
  Error &&with_hint(std::string hint) &&;

 private:
  std::string message_;
  std::string hint_;
  ExitCode code_;
};

// Error from a format string: throw error("{}: no section {}", path, name).
template<typename... Args>
Error error(fmt::format_string<Args...> format, Args &&...args) {
  return Error(fmt::format(format, std::forward<Args>(args)...));
}

template<typename... Args>
Error error(ExitCode code, fmt::format_string<Args...> format, Args &&...args) {
  return Error(fmt::format(format, std::forward<Args>(args)...), code);
}

// Same, with ": " and the text of `errnum` (an errno value) behind it.
Error system_error_text(int errnum, std::string message, ExitCode code = ExitCode::failure);

template<typename... Args>
Error system_error(int errnum, fmt::format_string<Args...> format, Args &&...args) {
  return system_error_text(errnum, fmt::format(format, std::forward<Args>(args)...));
}

// `e` itself when it is an Error, else one of its text and the code `failure`. For places that
// must go on, or tidy up, whatever was thrown: memory that ran out, a folder that is gone.
Error as_error(const std::exception &e);

// Runs `body`; an Error that leaves it gets "where: " in front.
template<typename Body>
decltype(auto) with_context(std::string_view where, Body &&body) {
  try {
    return std::forward<Body>(body)();
  } catch (Error &e) {
    e.add_context(where);
    throw;
  }
}

// Text of an errno value ("No such process"), thread-safe.
std::string errno_text(int errnum);

// Calls `body` and turns exceptions into "TOOL: message", a hint line and an
// exit code. Output that could not be written (a full disk, a closed pipe) is such an
// error. What every main() returns.
int run_main(std::string_view tool, int (*body)(int argc, char **argv), int argc, char **argv);

} // namespace care
