// SPDX-License-Identifier: GPL-2.0-or-later
//
// System calls that a stop ends with EINTR, made to go on.
//
// Stopping a thread wakes it from its system call. Most calls come back with one of
// the kernel's own codes (ERESTARTSYS, ERESTART_RESTARTBLOCK...), which the program
// never sees: the kernel restarts them when no handler has run. Some come back with
// plain EINTR, so that a stop and SIGCONT alone end them (signal(7), "Interruption of
// system calls and library functions by stop signals"). A stop of ours must not: the
// thread's result is made the code ERESTARTNOHAND while it stands still. What follows
// is the kernel's: it restarts the call, or, where a signal handler has to run, makes
// EINTR of it again.
//
// A timeout that such a call was given begins anew, since the kernel does not tell how
// much of it is left: epoll_wait, sigtimedwait, semtimedop, io_getevents, sockets with
// SO_RCVTIMEO or SO_SNDTIMEO may wait once more for as long, never shorter. All others
// (poll, select, nanosleep, futex...) keep their end.
#pragma once

#include <cstdint>

#include <sys/types.h>

namespace care {

// Does system call `number` end with EINTR, and has then done nothing?
bool restarts_after_eintr(uint64_t number);

// For thread `tid`, in the stop that PTRACE_INTERRUPT led to, as soon as it is there:
// should we die before, the program sees what SIGSTOP and SIGCONT would have shown it.
// Not for a thread in a stop of SIGSTOP's kind: its EINTR is none of ours.
void restart_interrupted_call(pid_t tid);

} // namespace care
