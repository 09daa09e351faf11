// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/control/remote_call.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/units.h"
#include "lib/control/call_restart.h"
#include "lib/control/thread_wait.h"
#include "lib/control/wait_timer.h"
#include "lib/process/process.h"

namespace care {

namespace {

constexpr int kSyscallStop = SIGTRAP | 0x80; // PTRACE_O_TRACESYSGOOD
// XSAVE areas have 2.7 KiB with AVX-512 and 11 KiB with AMX tiles.
constexpr size_t kVectorState = 16 << 10;

// Everything blocked but what a fault in the called function itself raises:
// those signals are ours to see (and blocking them would not hold them).
uint64_t mask_for_call() {
  uint64_t mask = ~uint64_t{0};
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS})
    mask &= ~(uint64_t{1} << (fault - 1));
  return mask;
}

// Throws Error no_process.
ThreadState read_state(pid_t tid) {
  ThreadState state;
  if (ptrace(PTRACE_GETREGS, tid, 0, &state.regs) != 0)
    throw no_such_process(tid);
  if (ptrace(PTRACE_GETSIGMASK, tid, sizeof state.mask, &state.mask) != 0)
    throw system_error(errno, "cannot read the signal mask of thread {}", tid);
  state.vectors.resize(kVectorState);
  iovec io{state.vectors.data(), state.vectors.size()};
  if (ptrace(PTRACE_GETREGSET, tid, NT_X86_XSTATE, &io) != 0 || io.iov_len == kVectorState)
    throw system_error(errno, "cannot save the vector registers of thread {}", tid);
  state.vectors.resize(io.iov_len);
  return state;
}

std::string_view view(const uint32_t &word) {
  return {reinterpret_cast<const char *>(&word), sizeof word};
}

} // namespace

bool in_restartable_sequence(pid_t tid, const RemoteMemory &memory) {
#ifdef PTRACE_GET_RSEQ_CONFIGURATION
  struct __ptrace_rseq_configuration config {};
  if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tid, sizeof config, &config) < 0 ||
      config.rseq_abi_pointer == 0)
    return false;
  uint64_t descriptor = 0; // struct rseq: cpu_id_start, cpu_id, rseq_cs
  RemoteAddr field = RemoteAddr(config.rseq_abi_pointer) + 8;
  return memory.read_some(field, &descriptor, sizeof descriptor) == sizeof descriptor &&
         descriptor != 0;
#else
  (void)tid;
  (void)memory;
  return false;
#endif
}

Protection protection(pid_t tid, const MemoryMap &map) {
  ThreadState state = read_state(tid);
  if (!place_frame(state, map))
    return Protection::none;
  return restarts_exactly(state.regs) ? Protection::whole : Protection::timely;
}

InjectedCalls::InjectedCalls(StoppedThreads &threads, pid_t tid, const RemoteMemory &memory,
                             const MemoryMap &map, ReturnTrampoline trampoline)
    : threads_(threads), tid_(tid), memory_(memory), trampoline_(trampoline) {
  // The thread stands still: from now on it executes no other program.
  if (!memory.still_there(trampoline.code)) {
    if (!process_alive(tid))
      throw no_such_process(threads.pid());
    throw error(ExitCode::no_process, "the process executed another program meanwhile");
  }
  if (read_status(tid).seccomp != 0 &&
      ptrace(PTRACE_SETOPTIONS, tid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_SUSPEND_SECCOMP) != 0) {
    if (errno == ESRCH)
      throw no_such_process(threads.pid());
    throw error(ExitCode::unsupported,
                "process {} runs under a seccomp filter that cannot be suspended: {}",
                threads.pid(), errno_text(errno))
        .with_hint("run with CAP_SYS_ADMIN and outside a seccomp sandbox");
  }
  saved_ = read_state(tid);
  frame_ = place_frame(saved_, map);
  if (frame_) {
    write_frame(*frame_, saved_, registers_for_frame(saved_.regs, memory), trampoline.code, memory);
    set_registers(parked());
  }
  // From here on, if not before: the frame brings the mask back.
  uint64_t mask = mask_for_call();
  if (ptrace(PTRACE_SETSIGMASK, tid_, sizeof mask, &mask) != 0)
    throw system_error(errno, "cannot set the signal mask of thread {}", tid_);
}

InjectedCalls::~InjectedCalls() {
  try {
    if (!lost_)
      restore();
  } catch (const std::exception &e) {
    log_debug("while putting thread {} back: {}", tid_, e.what());
  }
}

user_regs_struct InjectedCalls::get_registers() const {
  user_regs_struct regs{};
  if (ptrace(PTRACE_GETREGS, tid_, 0, &regs) != 0)
    throw no_such_process(threads_.pid());
  return regs;
}

void InjectedCalls::set_registers(const user_regs_struct &regs) {
  if (ptrace(PTRACE_SETREGS, tid_, 0, &regs) != 0)
    throw no_such_process(threads_.pid());
}

void InjectedCalls::set_number(uint64_t number) {
  if (ptrace(PTRACE_POKEUSER, tid_, offsetof(user_regs_struct, orig_rax), number) != 0)
    throw no_such_process(threads_.pid());
}

user_regs_struct InjectedCalls::parked() const {
  user_regs_struct regs = saved_.regs;
  RemoteAddr nowhere;
  if (frame_) {
    regs.rsp = frame_->at.value + 8; // as if the return address had been taken
    nowhere = frame_->scratch();
  } else {
    regs.rsp = ((regs.rsp - kRedZone) & ~uint64_t{15});
    nowhere = RemoteAddr(regs.rsp - 32);
  }
  regs.rip = trampoline_.sigreturn().value;
  regs.r12 = errno_.word ? errno_.word.value : nowhere.value;
  regs.r13 = errno_.value;
  regs.r14 = after_.word ? after_.word.value : nowhere.value + 8;
  regs.rbp = after_.value;
  regs.rax = 0;
  regs.orig_rax = ~uint64_t{0};    // nothing to restart
  regs.eflags &= ~uint64_t{0x500}; // direction and trap flags clear
  return regs;
}

void InjectedCalls::keep_errno(RemoteAddr at) {
  errno_ = {at, memory_.read_value<uint32_t>(at)};
}

// Wait status of the thread's next stop.
int InjectedCalls::wait_for_stop() {
  int status = 0;
  pid_t got;
  std::optional<WaitTimer> timer;
  if (deadline_)
    timer.emplace();
  while ((got = wait_for_thread(tid_, status)) < 0 && errno == EINTR) {
    if (deadline_ && !expired_ && Clock::now() > *deadline_) {
      expired_ = true; // the stop that this causes is looked at in at_deadline()
      ptrace(PTRACE_INTERRUPT, tid_, 0, 0);
    }
  }
  if (got < 0 || !WIFSTOPPED(status)) {
    lost_ = true;
    threads_.forget(tid_);
    throw no_such_process(threads_.pid());
  }
  return status;
}

// The call is interrupted. What only waits for a lock can go away, all else has to
// come to its end.
void InjectedCalls::at_deadline() {
  if (!expired_)
    return;
  if (only_waited_ && get_registers().orig_rax == SYS_futex)
    throw error(ExitCode::unsafe,
                "a function called in process {} waits for a lock that another thread holds",
                threads_.pid());
  if (at_deadline_ == AtDeadline::abandon)
    throw error(ExitCode::unsafe, "it did not return in time, and was given up at {}",
                RemoteAddr(get_registers().rip));
  log_warning("process {}: a function called in thread {} takes long, waiting for it",
              threads_.pid(), tid_);
  deadline_.reset();
  expired_ = false;
}

void InjectedCalls::run_to_syscall_stop(int request) {
  for (int sig = 0;;) {
    if (ptrace(static_cast<enum __ptrace_request>(request), tid_, 0, sig) != 0 && errno != ESRCH)
      throw system_error(errno, "cannot run thread {}", tid_);
    sig = 0;
    int status = wait_for_stop();
    if (WSTOPSIG(status) == kSyscallStop) {
      in_syscall_stop_ = true;
      return;
    }
    in_syscall_stop_ = false;
    if (status >> 16 == PTRACE_EVENT_STOP) {
      at_deadline();
      continue;
    }
    sig = WSTOPSIG(status);
    if (sig == SIGSTOP) // nothing blocks it: the process stops, this thread when it is back
      continue;
    throw error("a call injected into process {} raised signal {} ({}) at {}", threads_.pid(), sig,
                strsignal(sig), RemoteAddr(get_registers().rip));
  }
}

int64_t InjectedCalls::syscall(long number, std::initializer_list<uint64_t> arguments) {
  user_regs_struct regs = parked();
  unsigned long long *order[] = {&regs.rdi, &regs.rsi, &regs.rdx, &regs.r10, &regs.r8, &regs.r9};
  size_t i = 0;
  for (uint64_t value : arguments)
    *order[i++] = value;
  set_registers(regs);
  run_to_syscall_stop(PTRACE_SYSCALL); // at the entry of rt_sigreturn
  set_number(static_cast<uint64_t>(number));
  run_to_syscall_stop(PTRACE_SYSCALL); // at the exit
  auto result = static_cast<int64_t>(get_registers().rax);
  return_to_event_stop();
  return result;
}

uint64_t InjectedCalls::call(RemoteAddr function, std::initializer_list<uint64_t> arguments,
                             AfterCall after, std::optional<uint32_t> begin) {
  called_ = true;
  after_ = after;
  user_regs_struct regs = parked();
  unsigned long long *order[] = {&regs.rdi, &regs.rsi, &regs.rdx, &regs.rcx, &regs.r8, &regs.r9};
  size_t i = 0;
  for (uint64_t value : arguments)
    *order[i++] = value;
  if (begin) {
    // A thread that stands at the trampoline's first instruction sets the word by itself.
    regs.rip = trampoline_.code.value;
    set_registers(regs);
    memory_.write(after.word, view(*begin));
  }
  // As after a call: 16-byte aligned below the red zone, return address on top.
  regs.rsp -= 8;
  uint64_t return_address = trampoline_.code.value;
  memory_.write(RemoteAddr(regs.rsp), {reinterpret_cast<const char *>(&return_address), 8});
  regs.rip = function.value;
  set_registers(regs);
  uint64_t result = run_function(regs);
  after_ = {};
  return result;
}

// Runs the function that `begin` stands before, to the point where it has returned.
uint64_t InjectedCalls::run_function(const user_regs_struct &begin) {
  only_waited_ = true;
  for (;;) {
    run_to_syscall_stop(PTRACE_SYSCALL);
    user_regs_struct at = get_registers();
    if (at.rip == trampoline_.arrived().value && at.rsp == begin.rsp + 8) {
      set_number(~uint64_t{0}); // skipped
      run_to_syscall_stop(PTRACE_SYSCALL);
      return_to_event_stop();
      return at.rbx;
    }
    only_waited_ = only_waited_ && at.orig_rax == SYS_futex;
    run_to_syscall_stop(PTRACE_SYSCALL); // the exit of a call of its own
    at_deadline();                       // this stop swallows the interrupt's own
  }
}

// From a syscall stop to the stop that it was in: only there does the kernel
// look at whether an interrupted system call restarts.
void InjectedCalls::return_to_event_stop() {
  if (ptrace(PTRACE_INTERRUPT, tid_, 0, 0) != 0 || ptrace(PTRACE_CONT, tid_, 0, 0) != 0) {
    lost_ = errno == ESRCH;
    throw system_error(errno, "cannot stop thread {} again", tid_);
  }
  in_syscall_stop_ = false;
  for (;;) {
    int status = wait_for_stop();
    if (status >> 16 == PTRACE_EVENT_STOP)
      return;
    ptrace(PTRACE_CONT, tid_, 0, WSTOPSIG(status));
  }
}

// The order matters to who finds the thread without us: on its way to the frame as long
// as anything is not its own.
void InjectedCalls::restore() {
  if (in_syscall_stop_)
    return_to_event_stop();
  if (frame_)
    set_registers(parked());
  if (after_.word) // of a call that was given up
    memory_.write(after_.word, view(after_.value));
  if (called_ && errno_.word)
    memory_.write(errno_.word, view(errno_.value));
  iovec io{saved_.vectors.data(), saved_.vectors.size()};
  if (called_ && ptrace(PTRACE_SETREGSET, tid_, NT_X86_XSTATE, &io) != 0)
    log_debug("cannot restore the vector registers of thread {}: {}", tid_, errno_text(errno));
  if (ptrace(PTRACE_SETSIGMASK, tid_, sizeof saved_.mask, &saved_.mask) != 0)
    log_debug("cannot restore the signal mask of thread {}: {}", tid_, errno_text(errno));
  set_registers(saved_.regs);
  ptrace(PTRACE_SETOPTIONS, tid_, 0, PTRACE_O_TRACESYSGOOD);
}

} // namespace care
