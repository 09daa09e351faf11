// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/piped_compiler.h"

#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/fd.h"

namespace care::cc {

namespace {

constexpr int kPatience = 10'000; // milliseconds; a finished compiler exits in one or two

} // namespace

void wait_for_piped_compiler() {
  // proc(5): /proc/PID/task/TID/children, of the thread that forked. Drivers have one.
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", getppid()));
  for (pid_t child; children >> child;) {
    if (child == getpid())
      continue;
    // pidfd_open(2): readable when the process has ended, also before its parent waits for it.
    Fd ended(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
    pollfd wait = {ended.get(), POLLIN, 0};
    if (ended)
      poll(&wait, 1, kPatience);
  }
}

} // namespace care::cc
