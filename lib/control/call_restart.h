// SPDX-License-Identifier: GPL-2.0-or-later
//
// The way back into an interrupted system call through a signal frame.
//
// The kernel leaves a code in %rax that no program ever sees (ERESTARTSYS and its kin,
// include/linux/errno.h) and the call's number in orig_rax; when the thread goes on from
// its stop it begins the call again, or continues it where it was (ERESTART_RESTARTBLOCK:
// nanosleep, poll, futex with a timeout). A signal frame has no orig_rax: it has to stand
// before the call again. What a restart block held is gone by then, and a timeout begins
// anew.
#pragma once

#include <sys/user.h>

#include "lib/process/memory.h"

namespace care {

// Registers for a signal frame, from those of a stopped thread. A call that was already
// continued from its restart block shows as restart_syscall; which one it was is read
// from the instruction before (`mov $number, %eax`). It returns EINTR when that is not
// to be had.
user_regs_struct registers_for_frame(user_regs_struct regs, const RemoteMemory &memory);

// Whether the call would go on from the frame exactly as from the stop. Not when its
// timeout would begin anew (a restart block), or when a signal that it waits for could
// come just before it begins again (pause, sigsuspend, ppoll ...).
bool restarts_exactly(const user_regs_struct &regs);

} // namespace care
