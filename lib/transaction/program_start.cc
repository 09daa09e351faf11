// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/program_start.h"

#include <cerrno>
#include <csignal>
#include <cstddef>

#include <elf.h>
#include <link.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/control/return_trampoline.h"
#include "lib/resolve/symbol_table.h"
#include "lib/target/target.h"

namespace care {

namespace {

constexpr uint64_t kSyscallSize = 2;
constexpr int kDebugControl = 7; // DR7
constexpr unsigned long kEnableFirst = 1 << 0;
constexpr unsigned long kEnableSecond = 1 << 2; // both: stop when it is executed

bool is_event(int status, int event) {
  return status >> 8 == (SIGTRAP | event << 8);
}

bool is_group_stop(int status) {
  int sig = WSTOPSIG(status);
  return status >> 16 == PTRACE_EVENT_STOP &&
         (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU);
}

// The dynamic linker's way of telling debuggers what it does.
struct LinkerHook {
  RemoteAddr function; // 0: there is none
  RemoteAddr state;    // r_debug.r_state; 0: not to be found
};

LinkerHook find_linker_hook(Target &target) {
  LinkerHook hook;
  uint64_t base = target.process().auxv(AT_BASE).value_or(0);
  for (const LoadedObject &object : target.objects()) {
    if (base == 0 || object.header.value != base)
      continue;
    SymbolTable symbols(object, target.cache());
    if (std::optional<Elf64_Sym> f = symbols.find("_dl_debug_state", ""))
      hook.function = object.bias + LinkAddr(f->st_value);
    if (std::optional<Elf64_Sym> r = symbols.find("_r_debug", ""))
      hook.state = object.bias + LinkAddr(r->st_value + offsetof(r_debug, r_state));
  }
  return hook;
}

} // namespace

ProgramStart::ProgramStart(pid_t pid) : pid_(pid) {
  if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC) != 0)
    throw ptrace_refused(pid, errno);
}

ProgramStart::~ProgramStart() {
  if (attached_ && ptrace(PTRACE_DETACH, pid_, 0, 0) != 0)
    log_debug("cannot detach from process {}: {}", pid_, errno_text(errno));
}

void ProgramStart::resume(int signal) {
  if (ptrace(PTRACE_CONT, pid_, 0, signal) != 0 && errno != ESRCH)
    throw system_error(errno, "cannot run process {}", pid_);
}

int ProgramStart::wait_for_stop() {
  int status = 0;
  pid_t got;
  while ((got = waitpid(pid_, &status, __WALL)) < 0 && errno == EINTR) {
  }
  if (got == pid_ && WIFSTOPPED(status))
    return status;
  attached_ = false;
  throw no_such_process(pid_);
}

// From whatever stop it is in to the one that PTRACE_INTERRUPT causes, where calls can
// be injected; not one instruction runs meanwhile.
void ProgramStart::stand_still() {
  ptrace(PTRACE_INTERRUPT, pid_, 0, 0);
  resume(0);
  for (;;) {
    int status = wait_for_stop();
    if (status >> 16 == PTRACE_EVENT_STOP)
      return;
    resume(WSTOPSIG(status));
  }
}

bool ProgramStart::await_exec() {
  try {
    for (;;) {
      int status = wait_for_stop();
      if (is_event(status, PTRACE_EVENT_EXEC)) {
        stand_still();
        return true;
      }
      if (is_group_stop(status))
        ptrace(PTRACE_LISTEN, pid_, 0, 0);
      else
        resume(status >> 16 != 0 ? 0 : WSTOPSIG(status));
    }
  } catch (const Error &e) {
    if (e.code() == ExitCode::no_process)
      return false;
    throw;
  }
}

void ProgramStart::set_breakpoints(RemoteAddr first, RemoteAddr second) {
  auto poke = [&](int number, unsigned long value) {
    size_t at = offsetof(user, u_debugreg) + static_cast<size_t>(number) * sizeof(long);
    if (ptrace(PTRACE_POKEUSER, pid_, at, value) != 0)
      throw error(ExitCode::unsupported, "no hardware breakpoint can be set in process {}: {}",
                  pid_, errno_text(errno));
  };
  poke(kDebugControl, 0);
  if (!first)
    return;
  poke(0, first.value);
  poke(1, second.value);
  poke(kDebugControl, second ? kEnableFirst | kEnableSecond : kEnableFirst);
}

// Which of the two it was. Both are off again then.
RemoteAddr ProgramStart::run_to_breakpoint(RemoteAddr first, RemoteAddr second) {
  set_breakpoints(first, second);
  ptrace(PTRACE_SETOPTIONS, pid_, 0,
         PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  for (int signal = 0;;) {
    resume(signal);
    int status = wait_for_stop();
    signal = 0;
    if (is_event(status, PTRACE_EVENT_EXEC))
      throw error(ExitCode::unsupported,
                  "process {} executes another program before its own first instruction", pid_);
    if (is_group_stop(status)) {
      ptrace(PTRACE_LISTEN, pid_, 0, 0);
      status = wait_for_stop();
      continue;
    }
    if (status >> 16 != 0)
      continue;
    signal = WSTOPSIG(status);
    user_regs_struct regs{};
    if (signal != SIGTRAP || ptrace(PTRACE_GETREGS, pid_, 0, &regs) != 0)
      continue;
    if (regs.rip != first.value && regs.rip != second.value)
      continue;
    set_breakpoints({}, {});
    ptrace(PTRACE_SETOPTIONS, pid_, 0, PTRACE_O_TRACESYSGOOD);
    stand_still();
    return RemoteAddr(regs.rip);
  }
}

// One instruction, so that a breakpoint that stands on it does not hit again.
void ProgramStart::step() {
  int signal = 0;
  do {
    if (ptrace(PTRACE_SINGLESTEP, pid_, 0, signal) != 0)
      throw system_error(errno, "cannot run process {}", pid_);
    int status = wait_for_stop();
    signal = status >> 16 != 0 ? 0 : WSTOPSIG(status);
  } while (signal != SIGTRAP);
}

StartStop ProgramStart::run_to(StartStop point) {
  RemoteAddr entry;
  LinkerHook hook;
  {
    Target target(pid_, StartStop::at_entry);
    std::optional<uint64_t> value = target.process().auxv(AT_ENTRY);
    if (!value)
      throw error(ExitCode::unsupported, "process {} does not tell its entry", pid_);
    entry = RemoteAddr(*value);
    if (point == StartStop::in_linker)
      hook = find_linker_hook(target);
  }
  if (!hook.function) {
    run_to_breakpoint(entry, {});
    return StartStop::at_entry;
  }
  RemoteMemory memory(pid_);
  // It says that it adds objects, and later that all are there.
  for (bool adding = !hook.state;;) {
    if (run_to_breakpoint(hook.function, entry) == entry)
      return StartStop::at_entry;
    int state = hook.state ? memory.read_value<int>(hook.state) : r_debug::RT_CONSISTENT;
    if (adding && state == r_debug::RT_CONSISTENT)
      return StartStop::in_linker;
    adding = adding || state == r_debug::RT_ADD;
    step();
  }
}

void ProgramStart::end(int code) {
  user_regs_struct regs{};
  try {
    Target target(pid_, StartStop::at_entry);
    ReturnTrampoline trampoline = make_return_trampoline(target.objects(), target.memory());
    if (ptrace(PTRACE_GETREGS, pid_, 0, &regs) == 0) {
      regs.rip = trampoline.arrived().value - kSyscallSize;
      regs.rax = SYS_exit_group;
      regs.orig_rax = ~uint64_t{0};
      regs.rdi = static_cast<uint64_t>(code);
      if (ptrace(PTRACE_SETREGS, pid_, 0, &regs) == 0)
        return; // it goes there when it is let go
    }
  } catch (const std::exception &e) {
    log_debug("{}", as_error(e).message());
  }
  kill(pid_, SIGKILL);
}

} // namespace care
