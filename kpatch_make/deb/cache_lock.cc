// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/cache_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

#include "lib/base/error.h"
#include "lib/base/print.h"

namespace care::make {

CacheLock::CacheLock(const std::string &file, const char *what)
    : fd_(open_file(file, O_RDWR | O_CREAT)) {
  if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0)
    return;
  print_err("kpatch_make: waiting for another run that {}\n", what);
  while (flock(fd_.get(), LOCK_EX) != 0)
    if (errno != EINTR)
      throw system_error(errno, "cannot lock {}", file);
}

} // namespace care::make
