// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/control/thread_wait.h"

#include <csignal>

#include <sys/wait.h>

namespace care {

pid_t wait_for_thread(pid_t tid, int &status, int flags) {
  siginfo_t info{};
  flags |= WEXITED | WSTOPPED | WNOWAIT | __WALL;
  if (waitid(P_PID, static_cast<id_t>(tid), &info, flags) != 0)
    return -1;
  if (info.si_pid == 0)
    return 0;
  if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
    return waitpid(tid, &status, __WALL);
  status = info.si_status << 8 | 0x7f; // as waitpid() puts it: signal, and event above it
  return tid;
}

} // namespace care
