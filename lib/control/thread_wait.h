// SPDX-License-Identifier: GPL-2.0-or-later
//
// Waiting for a traced thread, so that nothing is lost when we die behind it.
//
// waitpid() takes a stop out of the kernel's hands: a thread that stands before a signal
// goes on without it when its tracer dies between waitpid() and PTRACE_CONT. WNOWAIT only
// looks; the signal stays where it is until we pass it on, or the kernel does.
#pragma once

#include <sys/types.h>

namespace care {

// As waitpid(tid, &status, __WALL): `tid`, or -1 with errno (EINTR by a WaitTimer); with
// WNOHANG in `flags` 0 when there is nothing. Only a thread that has ended is taken away,
// so a stop is told again until the thread goes on.
pid_t wait_for_thread(pid_t tid, int &status, int flags = 0);

} // namespace care
