// SPDX-License-Identifier: GPL-2.0-or-later
//
// errno belongs to the thread: a function that is called in a borrowed one must not
// leave its own behind.
#pragma once

#include <string>

#include "lib/apply/target.h"

namespace care {

// int *__errno_location(void) of the C library that the target's objects use; 0 in a
// static program.
RemoteAddr errno_function(const Target &target);

// The borrowed thread's errno, as it was, when this goes away.
class SavedErrno {
 public:
  // `errno_location` is what errno_function() returned; with 0 nothing is saved.
  SavedErrno(const Target &target, InjectedCalls &calls, RemoteAddr errno_location);
  SavedErrno(const SavedErrno &) = delete;
  SavedErrno &operator=(const SavedErrno &) = delete;
  ~SavedErrno();

 private:
  const Target &target_;
  RemoteAddr at_;
  std::string value_;
};

} // namespace care
