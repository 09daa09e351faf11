// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/error.h"

#include <new>
#include <system_error>

#include "lib/base/print.h"

namespace care {

Error &Error::add_context(std::string_view where) {
  message_ = fmt::format("{}: {}", where, message_);
  return *this;
}

Error &&Error::with_hint(std::string hint) && {
  hint_ = std::move(hint);
  return std::move(*this);
}

Error as_error(const std::exception &e) {
  if (const auto *error = dynamic_cast<const Error *>(&e))
    return *error;
  if (dynamic_cast<const std::bad_alloc *>(&e) != nullptr)
    return Error("out of memory");
  return Error(e.what());
}

std::string errno_text(int errnum) {
  return std::generic_category().message(errnum);
}

Error system_error_text(int errnum, std::string message, ExitCode code) {
  return Error(fmt::format("{}: {}", message, errno_text(errnum)), code);
}

int run_main(std::string_view tool, int (*body)(int, char **), int argc, char **argv) {
  try {
    int status = body(argc, argv);
    flush_output();
    return status;
  } catch (const std::exception &e) {
    Error error = as_error(e);
    print_err("{}: {}\n", tool, error.message());
    if (!error.hint().empty())
      print_err("hint: {}\n", error.hint());
    return static_cast<int>(error.code());
  }
}

} // namespace care
