// SPDX-License-Identifier: GPL-2.0-or-later
//
// The guardian: a small process that cleans up after kpatch_make, however that
// ends.
//
// It does nothing but wait for the end of a pipe. When the pipe closes, because
// kpatch_make is done, has thrown, or was killed with SIGKILL, it kills the
// build that may still run, puts a source tree that was exchanged back in its
// place, and removes the work folder. There is no other clean-up path: the one
// that is used every day is the one that works in an emergency.
#pragma once

#include <string>
#include <sys/types.h>

#include "lib/base/fd.h"

namespace care::make {

class Guardian {
 public:
  // Forks; call it before there are threads.
  Guardian();
  Guardian(const Guardian &) = delete;
  Guardian &operator=(const Guardian &) = delete;
  // Returns when everything is cleaned up.
  ~Guardian();

  // Remove `folder` at the end.
  void remove(const std::string &folder) const;
  // Kill this process group at the end; 0: none any more.
  void kill_group(pid_t group) const;
  // Exchange the two folders at the end (again); both "" : no more.
  void exchange(const std::string &one, const std::string &other) const;

 private:
  void tell(char what, const std::string &text) const;

  Fd pipe_;
  pid_t pid_ = -1;
};

// Exchanges two paths in one step. Throws Error.
void exchange_paths(const std::string &one, const std::string &other);

} // namespace care::make
