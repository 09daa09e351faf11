// SPDX-License-Identifier: GPL-2.0-or-later
//
// Several runs share the cache. A run that adds to a part of it holds that part's lock meanwhile;
// the others wait, and say so. What is complete is read without any lock.
#pragma once

#include <string>

#include "lib/base/fd.h"

namespace care::make {

class CacheLock {
 public:
  // `file` is created when it is not there; `what`: what the others do meanwhile, as in
  // "fetches packages". Throws Error when the file cannot be opened or locked.
  CacheLock(const std::string &file, const char *what);

 private:
  Fd fd_; // the lock goes with it, however we end
};

} // namespace care::make
