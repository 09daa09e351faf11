// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/error.h"

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
  } catch (const Error &e) {
    print_err("{}: {}\n", tool, e.message());
    if (!e.hint().empty())
      print_err("hint: {}\n", e.hint());
    return static_cast<int>(e.code());
  } catch (const std::exception &e) {
    print_err("{}: {}\n", tool, e.what());
    return static_cast<int>(ExitCode::failure);
  }
}

} // namespace care
