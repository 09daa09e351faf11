// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/remote_call.h"

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
#include "lib/process/process.h"
#include "lib/process/wait_timer.h"

namespace care {

namespace {

constexpr std::string_view kSyscallBytes("\x0f\x05", 2);
constexpr uint64_t kRedZone = 128;
// libc is 1.5 MiB; further than this nobody has to look.
constexpr size_t kSearchLimit = 4 << 20;
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

} // namespace

RemoteAddr find_syscall_instruction(const MemoryMap &map, const RemoteMemory &memory) {
  // The vdso is in nearly every process and never unmapped; then libc by name,
  // then whatever is executable. Any two bytes 0f 05 do, also inside another
  // instruction.
  std::vector<const Mapping *> order;
  for (const Mapping &m : map) {
    if (m.exec && m.path != "[vsyscall]")
      order.push_back(&m);
  }
  auto rank = [](const Mapping *m) {
    if (m->path == "[vdso]")
      return 0;
    return m->path.find("/libc.so") != std::string::npos ? 1 : m->anonymous() ? 3 : 2;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const Mapping *a, const Mapping *b) { return rank(a) < rank(b); });
  for (const Mapping *m : order) {
    std::string bytes(std::min<size_t>(m->range.size(), kSearchLimit), '\0');
    bytes.resize(memory.read_some(m->range.begin, bytes.data(), bytes.size()));
    size_t at = bytes.find(kSyscallBytes);
    if (at != std::string::npos)
      return m->range.begin + at;
  }
  throw error(ExitCode::unsupported, "process {} has no system call instruction mapped",
              memory.tid());
}

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

InjectedCalls::InjectedCalls(StoppedThreads &threads, pid_t tid, const RemoteMemory &memory,
                             RemoteAddr syscall_instruction)
    : threads_(threads), tid_(tid), memory_(memory), instruction_(syscall_instruction) {
  if (read_status(tid).seccomp != 0 &&
      ptrace(PTRACE_SETOPTIONS, tid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_SUSPEND_SECCOMP) != 0) {
    if (errno == ESRCH)
      throw no_such_process(threads.pid());
    throw error(ExitCode::unsupported,
                "process {} runs under a seccomp filter that cannot be suspended: {}",
                threads.pid(), errno_text(errno))
        .with_hint("run with CAP_SYS_ADMIN and outside a seccomp sandbox");
  }
  saved_ = get_registers();
  if (ptrace(PTRACE_GETSIGMASK, tid_, sizeof saved_mask_, &saved_mask_) != 0)
    throw system_error(errno, "cannot read the signal mask of thread {}", tid_);
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

// What a function may use without saving: x87, SSE, AVX... One call is enough for all
// that follow.
void InjectedCalls::save_vector_registers() {
  if (!saved_vectors_.empty())
    return;
  std::vector<std::byte> area(kVectorState);
  iovec io{area.data(), area.size()};
  if (ptrace(PTRACE_GETREGSET, tid_, NT_X86_XSTATE, &io) != 0 || io.iov_len == kVectorState)
    throw system_error(errno, "cannot save the vector registers of thread {}", tid_);
  area.resize(io.iov_len);
  saved_vectors_ = std::move(area);
}

// Wait status of the thread's next stop.
int InjectedCalls::wait_for_stop() {
  int status = 0;
  pid_t got;
  std::optional<WaitTimer> timer;
  if (deadline_)
    timer.emplace();
  while ((got = waitpid(tid_, &status, __WALL)) < 0 && errno == EINTR) {
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
  for (;;) {
    if (ptrace(static_cast<enum __ptrace_request>(request), tid_, 0, 0) != 0 && errno != ESRCH)
      throw system_error(errno, "cannot run thread {}", tid_);
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
    int sig = WSTOPSIG(status);
    if (sig == SIGSTOP) {
      stop_signal_seen_ = true;
      continue;
    }
    throw error("a call injected into process {} raised signal {} ({}) at {}", threads_.pid(), sig,
                strsignal(sig), RemoteAddr(get_registers().rip));
  }
}

int64_t InjectedCalls::syscall(long number, std::initializer_list<uint64_t> arguments) {
  user_regs_struct regs = saved_;
  unsigned long long *order[] = {&regs.rdi, &regs.rsi, &regs.rdx, &regs.r10, &regs.r8, &regs.r9};
  size_t i = 0;
  for (uint64_t value : arguments)
    *order[i++] = value;
  regs.rip = instruction_.value;
  regs.rax = static_cast<uint64_t>(number);
  regs.orig_rax = ~uint64_t{0}; // nothing to restart
  set_registers(regs);
  run_to_syscall_stop(PTRACE_SYSCALL); // at the entry
  run_to_syscall_stop(PTRACE_SYSCALL); // at the exit
  auto result = static_cast<int64_t>(get_registers().rax);
  return_to_event_stop();
  return result;
}

uint64_t InjectedCalls::call(RemoteAddr function, std::initializer_list<uint64_t> arguments) {
  save_vector_registers();
  user_regs_struct regs = saved_;
  unsigned long long *order[] = {&regs.rdi, &regs.rsi, &regs.rdx, &regs.rcx, &regs.r8, &regs.r9};
  size_t i = 0;
  for (uint64_t value : arguments)
    *order[i++] = value;
  // As after a call: 16-byte aligned below the red zone, return address on top.
  regs.rsp = ((regs.rsp - kRedZone) & ~uint64_t{15}) - 8;
  std::string return_address(reinterpret_cast<const char *>(&instruction_.value), 8);
  memory_.write(RemoteAddr(regs.rsp), return_address);
  regs.rip = function.value;
  regs.rax = 0;
  regs.orig_rax = ~uint64_t{0};
  regs.eflags &= ~uint64_t{0x400}; // direction flag clear
  set_registers(regs);
  only_waited_ = true;
  for (;;) {
    run_to_syscall_stop(PTRACE_SYSCALL);
    user_regs_struct at = get_registers();
    if (at.rip == instruction_.value + kSyscallBytes.size() && at.rsp == regs.rsp + 8) {
      uint64_t result = at.orig_rax; // what it returned looks like a call number
      at.orig_rax = ~uint64_t{0};    // which is skipped
      set_registers(at);
      run_to_syscall_stop(PTRACE_SYSCALL);
      return_to_event_stop();
      return result;
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
    if (WSTOPSIG(status) == SIGSTOP)
      stop_signal_seen_ = true;
    ptrace(PTRACE_CONT, tid_, 0, WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status));
  }
}

void InjectedCalls::restore() {
  if (in_syscall_stop_)
    return_to_event_stop();
  set_registers(saved_);
  iovec io{saved_vectors_.data(), saved_vectors_.size()};
  if (!saved_vectors_.empty() && ptrace(PTRACE_SETREGSET, tid_, NT_X86_XSTATE, &io) != 0)
    log_debug("cannot restore the vector registers of thread {}: {}", tid_, errno_text(errno));
  if (ptrace(PTRACE_SETSIGMASK, tid_, sizeof saved_mask_, &saved_mask_) != 0)
    log_debug("cannot restore the signal mask of thread {}: {}", tid_, errno_text(errno));
  ptrace(PTRACE_SETOPTIONS, tid_, 0, PTRACE_O_TRACESYSGOOD);
  if (stop_signal_seen_)
    kill(threads_.pid(), SIGSTOP);
}

} // namespace care
