// SPDX-License-Identifier: GPL-2.0-or-later
//
// System calls, and calls of functions, in a stopped thread of the target.
//
// Nothing of the target's code is changed: its own code holds a `syscall`
// instruction already (the vdso, libc), the thread is led there with other
// registers and back again. It runs between ptrace's syscall stops, not by
// single step or breakpoint: those would raise SIGTRAP, and raising a signal
// that the target ignores or blocks resets what it had set up for it.
//
// A call of a function returns to that same `syscall` instruction, where its
// arrival is seen as a system call that is then skipped.
//
// While the call lasts the thread's other signals are blocked, so none is lost
// or moved; they are taken when it goes on. Registers (with orig_rax, on which
// the restart of an interrupted system call hangs), vector registers once a function
// was called, signal mask and the thread's kind of stop are put back by the
// destructor.
//
// A function may wait for a lock that another thread holds: only while the other
// threads run may such functions be called, and with a deadline (set_deadline). At
// the deadline a call that has done nothing but wait for its first lock is given up,
// which leaves no trace (a waiter that goes away is as harmless as one that a signal
// handler delays). A call that is under way is not given up: it may hold locks, or
// have half done what it does, and the target would wait for it for ever. Such a
// call is waited for, with a warning.
//
// Not yet: a doctor killed in the middle of a call leaves the thread with our
// registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include <sys/types.h>
#include <sys/user.h>

#include "lib/process/maps.h"
#include "lib/process/memory.h"
#include "lib/process/stopped_threads.h"

namespace care {

// An executable `syscall` instruction of the target. Throws Error unsupported
// when there is none.
RemoteAddr find_syscall_instruction(const MemoryMap &map, const RemoteMemory &memory);

// What becomes of a call that has not returned at the deadline.
enum class AtDeadline {
  wait_unless_locked, // given up while it only waits for its first lock, else waited for
  abandon,            // given up
};

class InjectedCalls {
 public:
  // `tid` stands still among `threads`. `syscall_instruction` is what
  // find_syscall_instruction() returned. Throws Error unsupported when a seccomp
  // filter is in force that may not be suspended: the call could kill the target.
  InjectedCalls(StoppedThreads &threads, pid_t tid, const RemoteMemory &memory,
                RemoteAddr syscall_instruction);
  InjectedCalls(const InjectedCalls &) = delete;
  InjectedCalls &operator=(const InjectedCalls &) = delete;
  ~InjectedCalls();

  // The raw result: -4095..-1 is a negated errno.
  int64_t syscall(long number, std::initializer_list<uint64_t> arguments);
  // Calls a function with the x86-64 calling convention and returns %rax.
  // Throws Error when it raises a signal, unsafe when it waited for its first lock
  // until the deadline.
  uint64_t call(RemoteAddr function, std::initializer_list<uint64_t> arguments);
  // For all calls from now on; none by default.
  void set_deadline(Clock::time_point deadline, AtDeadline then = AtDeadline::wait_unless_locked) {
    deadline_ = deadline;
    at_deadline_ = then;
  }

 private:
  void set_registers(const user_regs_struct &regs);
  user_regs_struct get_registers() const;
  // Resumes with `request` and waits for the next syscall stop.
  int wait_for_stop();
  void at_deadline();
  void save_vector_registers();
  void run_to_syscall_stop(int request);
  void return_to_event_stop();
  void restore();

  StoppedThreads &threads_;
  pid_t tid_;
  const RemoteMemory &memory_;
  RemoteAddr instruction_;
  user_regs_struct saved_{};
  std::vector<std::byte> saved_vectors_; // XSAVE area; empty: no function was called
  uint64_t saved_mask_ = 0;
  std::optional<Clock::time_point> deadline_;
  AtDeadline at_deadline_ = AtDeadline::wait_unless_locked;
  bool expired_ = false;     // the deadline passed, the thread was interrupted
  bool only_waited_ = false; // the call has made no system call but futex
  bool lost_ = false;        // the thread went away
  bool in_syscall_stop_ = false;
  bool stop_signal_seen_ = false; // a SIGSTOP arrived meanwhile: send it again
};

// True when `tid` is inside a restartable sequence (rseq), which leading it
// elsewhere would break: take another thread, or another moment.
bool in_restartable_sequence(pid_t tid, const RemoteMemory &memory);

} // namespace care
