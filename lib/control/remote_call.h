// SPDX-License-Identifier: GPL-2.0-or-later
//
// System calls, and calls of functions, in a stopped thread of the target, which comes
// back to its own state by itself should we die meanwhile.
//
// Under the call lies a signal frame with all that the thread was (signal_frame.h), and
// what it returns to is rt_sigreturn (trampoline.h). From the moment when the thread has
// other registers than its own it is on a way that ends in that frame. We only go beside
// it: it runs between ptrace's syscall stops, not by single step or breakpoint, which
// would kill it with SIGTRAP when no tracer takes the trap.
//
//   A system call: the thread is led to rt_sigreturn, and at the entry of that call it is
//   given another number. Without us it just returns.
//   A function: it returns to the trampoline. Its arrival is seen as the rt_sigreturn that
//   is to follow, which is then skipped.
//
// While we live rt_sigreturn is not made: our own way back, by ptrace, keeps what no
// frame can hold (orig_rax, and the restart block of an interrupted system call).
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
// What remains: a thread on a stack that is not its own (a coroutine's) has no room for a
// frame; such a thread is taken only when there is no other (protection()). Under a
// seccomp filter a doctor that dies between giving the number and letting the call begin
// leaves that one call to the filter, which may kill for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include <sys/types.h>
#include <sys/user.h>

#include "lib/control/return_trampoline.h"
#include "lib/control/signal_frame.h"
#include "lib/control/stopped_threads.h"
#include "lib/process/memory.h"

namespace care {

// What becomes of a call that has not returned at the deadline.
enum class AtDeadline {
  wait_unless_locked, // given up while it only waits for its first lock, else waited for
  abandon,            // given up
};

// What happens to a thread whose doctor dies in an injected call.
enum class Protection {
  whole,  // it goes on exactly as if nothing had been
  timely, // the system call that it was in begins anew, with its whole timeout
  none,   // it has no room for a frame, and would be lost
};

// A word of the target that is to have a value as soon as a called function has
// returned, whether we live or not.
struct AfterCall {
  RemoteAddr word; // 0: none
  uint32_t value = 0;
};

class InjectedCalls {
 public:
  // `tid` stands still among `threads`. Throws Error unsupported when a seccomp
  // filter is in force that may not be suspended: the call could kill the target.
  // `map` is needed to find the thread's stack; it may be a moment old.
  InjectedCalls(StoppedThreads &threads, pid_t tid, const RemoteMemory &memory,
                const MemoryMap &map, ReturnTrampoline trampoline);
  InjectedCalls(const InjectedCalls &) = delete;
  InjectedCalls &operator=(const InjectedCalls &) = delete;
  ~InjectedCalls();

  // The raw result: -4095..-1 is a negated errno.
  int64_t syscall(long number, std::initializer_list<uint64_t> arguments);
  // Calls a function with the x86-64 calling convention and returns %rax.
  // Throws Error when it raises a signal, unsafe when it waited for its first lock
  // until the deadline. `begin`, if not empty, is written to after.word as the last thing
  // before it begins.
  uint64_t call(RemoteAddr function, std::initializer_list<uint64_t> arguments,
                AfterCall after = {}, std::optional<uint32_t> begin = std::nullopt);
  // For all calls from now on; none by default.
  void set_deadline(Clock::time_point deadline, AtDeadline then = AtDeadline::wait_unless_locked) {
    deadline_ = deadline;
    at_deadline_ = then;
  }
  // The thread's errno lies at `at` and is put back behind every function from now on.
  void keep_errno(RemoteAddr at);

 private:
  void set_registers(const user_regs_struct &regs);
  user_regs_struct get_registers() const;
  // Where the thread waits between two calls: before rt_sigreturn.
  user_regs_struct parked() const;
  void set_number(uint64_t number);
  // Resumes with `request` and waits for the next syscall stop.
  int wait_for_stop();
  void at_deadline();
  void run_to_syscall_stop(int request);
  void return_to_event_stop();
  uint64_t run_function(const user_regs_struct &begin);
  void restore();

  StoppedThreads &threads_;
  pid_t tid_;
  const RemoteMemory &memory_;
  ReturnTrampoline trampoline_;
  ThreadState saved_;
  std::optional<SignalFrame> frame_; // nothing: unprotected
  AfterCall errno_;
  bool called_ = false; // a function: the vector registers have changed
  std::optional<Clock::time_point> deadline_;
  AtDeadline at_deadline_ = AtDeadline::wait_unless_locked;
  AfterCall after_;
  bool expired_ = false;     // the deadline passed, the thread was interrupted
  bool only_waited_ = false; // the call has made no system call but futex
  bool lost_ = false;        // the thread went away
  bool in_syscall_stop_ = false;
};

// How well the stopped thread `tid` would fare.
Protection protection(pid_t tid, const MemoryMap &map);

// True when `tid` is inside a restartable sequence (rseq), which leading it
// elsewhere would break: take another thread, or another moment.
bool in_restartable_sequence(pid_t tid, const RemoteMemory &memory);

} // namespace care
