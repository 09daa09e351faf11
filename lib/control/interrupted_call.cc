// SPDX-License-Identifier: GPL-2.0-or-later
//
// The list is that of signal(7) and of the kernel's sources where they return EINTR:
// fs/eventpoll.c, fs/aio.c, ipc/sem.c, kernel/signal.c, io_uring/io_uring.c, and
// sock_intr_errno() in include/net/sock.h for sockets with timeouts. Left out are calls
// that may have had an effect before (close, ioctl).
#include "lib/control/interrupted_call.h"

#include <cerrno>
#include <cstddef>

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

namespace care {

namespace {

// Kernel-internal, include/linux/errno.h: restart unless a handler runs.
constexpr long kRestartNoHandler = -514;

long read_register(pid_t tid, size_t offset) {
  return ptrace(PTRACE_PEEKUSER, tid, offset, 0);
}

} // namespace

bool restarts_after_eintr(uint64_t number) {
  switch (number) {
  case SYS_epoll_wait:
  case SYS_epoll_pwait:
#ifdef SYS_epoll_pwait2
  case SYS_epoll_pwait2:
#endif
  case SYS_semop:
  case SYS_semtimedop:
  case SYS_rt_sigtimedwait:
  case SYS_io_getevents:
#ifdef SYS_io_uring_enter
  case SYS_io_uring_enter:
#endif
  case SYS_read:
  case SYS_readv:
  case SYS_write:
  case SYS_writev:
  case SYS_accept:
  case SYS_accept4:
  case SYS_connect:
  case SYS_recvfrom:
  case SYS_recvmsg:
  case SYS_recvmmsg:
  case SYS_sendto:
  case SYS_sendmsg:
  case SYS_sendmmsg:
    return true;
  default:
    return false;
  }
}

void restart_interrupted_call(pid_t tid) {
  // One ptrace call for the many threads that need nothing. An error reads as -1.
  if (read_register(tid, offsetof(user_regs_struct, rax)) != -EINTR)
    return;
  // Negative outside a system call.
  long number = read_register(tid, offsetof(user_regs_struct, orig_rax));
  if (number >= 0 && restarts_after_eintr(static_cast<uint64_t>(number)))
    ptrace(PTRACE_POKEUSER, tid, offsetof(user_regs_struct, rax), kRestartNoHandler);
}

} // namespace care
