// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/mounts.h"

#include <cerrno>
#include <sys/mount.h>

#include "lib/base/error.h"

namespace care::make {

void make_mounts_private() {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw system_error(errno, "cannot make the mounts private");
}

void bind_mount(const std::string &from, const std::string &to) {
  if (mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    throw system_error(errno, "cannot mount {} at {}", from, to);
}

void mount_new(const char *type, const std::string &to, unsigned long flags,
               const std::string &options) {
  if (mount(type, to.c_str(), type, flags, options.c_str()) != 0)
    throw system_error(errno, "cannot mount a {} at {}", type, to);
}

} // namespace care::make
