// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/borrowable_thread.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "lib/base/error.h"
#include "lib/resolve/symbol_table.h"
#include "lib/x86/plt.h"

namespace care {

namespace {

// What a called function may need below the stack pointer: dlopen takes some 10 KiB.
constexpr uint64_t kStackRoom = 64 << 10;
// Start frames of the libraries: execute_native_thread_routine, start_thread, clone3.
constexpr size_t kMaxStartFrames = 3;

constexpr std::array kAllocators = {
    "malloc",      "free",          "calloc",         "realloc", "reallocarray",
    "memalign",    "aligned_alloc", "posix_memalign", "valloc",  "pvalloc",
    "malloc_trim", "malloc_info",   "cfree",
};

// Functions in which a thread waits for others and which keep no lock meanwhile that
// anybody else could need. `syscall` waits for what the program itself made of futex.
constexpr std::array kWaits = {
    "pthread_cond_wait",
    "pthread_cond_timedwait",
    "pthread_cond_clockwait",
    "pthread_join",
    "pthread_timedjoin_np",
    "pthread_clockjoin_np",
    "pthread_barrier_wait",
    "sem_wait",
    "sem_timedwait",
    "sem_clockwait",
    "cnd_wait",
    "cnd_timedwait",
    "thrd_join",
    "syscall",
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE",
    "_ZNSt6thread4joinEv",
};

// Functions that only make a system call: a signal handler that came in one of them took the
// place of nobody who keeps a lock. Programs that take their signals at one place take them
// here.
constexpr std::array kThinCalls = {
    "select",     "pselect",         "poll",        "ppoll",
    "epoll_wait", "epoll_pwait",     "sigprocmask", "pthread_sigmask",
    "sigsuspend", "pause",           "nanosleep",   "usleep",
    "sleep",      "clock_nanosleep", "read",        "recv",
    "accept",     "accept4",         "waitpid",     "kill",
};

// System calls that wait for the outside world. None is made by an allocator, or by
// the dynamic linker or the unwinder with a lock held, except where frames show it.
bool waits_for_the_world(uint64_t number) {
  switch (number) {
  case SYS_read:
  case SYS_readv:
  case SYS_write:
  case SYS_writev:
  case SYS_poll:
  case SYS_ppoll:
  case SYS_select:
  case SYS_pselect6:
  case SYS_epoll_wait:
  case SYS_epoll_pwait:
  case SYS_epoll_pwait2:
  case SYS_accept:
  case SYS_accept4:
  case SYS_connect:
  case SYS_recvfrom:
  case SYS_recvmsg:
  case SYS_recvmmsg:
  case SYS_sendto:
  case SYS_sendmsg:
  case SYS_nanosleep:
  case SYS_clock_nanosleep:
  case SYS_pause:
  case SYS_wait4:
  case SYS_waitid:
  case SYS_rt_sigtimedwait:
  case SYS_rt_sigsuspend:
  case SYS_flock:
  case SYS_fcntl:
  case SYS_io_getevents:
  case SYS_io_uring_enter:
  case SYS_msgrcv:
  case SYS_msgsnd:
  case SYS_semop:
  case SYS_semtimedop:
    return true;
  default:
    return false;
  }
}

// What the object itself defines: SymbolTable also finds the PLT entry that stands for a
// function of another one.
std::optional<Elf64_Sym> definition(const SymbolTable &table, const char *name) {
  std::optional<Elf64_Sym> symbol = table.find(name, "");
  return symbol && symbol->st_shndx != SHN_UNDEF ? symbol : std::nullopt;
}

bool defines(const SymbolTable &table, const char *name) {
  return definition(table, name).has_value();
}

} // namespace

BorrowableThreadRules::BorrowableThreadRules(const Target &target)
    : target_(target), map_(target.process().read_map()) {
  CachedMemory memory(target.memory());
  objects_ = find_objects(map_, memory);
  tables_ = target.tables();
  for (UnwindTable &table : unwind_tables(objects_)) {
    if (!find_table(tables_, table.code.begin))
      tables_.push_back(std::move(table));
  }
  for (const LoadedObject &object : objects_)
    classify(object, memory);
}

void BorrowableThreadRules::classify(const LoadedObject &object, CachedMemory &memory) {
  SymbolTable table(object, memory);
  auto address = [&](const Elf64_Sym &s) { return object.bias + LinkAddr(s.st_value); };
  for (const char *name : kAllocators)
    if (std::optional<Elf64_Sym> symbol = definition(table, name)) {
      allocators_.push_back({address(*symbol), address(*symbol) + symbol->st_size});
      allocator_entries_.insert(address(*symbol));
    }
  auto insert_all = [&](const auto &names, std::set<RemoteAddr> &into) {
    for (const char *name : names)
      if (std::optional<Elf64_Sym> symbol = definition(table, name))
        into.insert(address(*symbol));
  };
  insert_all(kWaits, waits_);
  insert_all(kThinCalls, thin_calls_);
  Kind kind = Kind::program;
  if (&object == dynamic_linker(target_.process(), objects_, memory))
    kind = Kind::linker;
  else if (&object == main_program(target_.process(), objects_, memory))
    kind = Kind::program; // it may export malloc, and more
  else if (defines(table, "_Unwind_Find_FDE") || defines(table, "_Unwind_RaiseException"))
    kind = Kind::unwinder;
  else if (object.path == "[vdso]" || defines(table, "malloc") || defines(table, "__cxa_throw") ||
           defines(table, "__libc_start_main") || defines(table, "pthread_create"))
    kind = Kind::library;
  kinds_[object.range.begin] = kind;
}

BorrowableThreadRules::Kind BorrowableThreadRules::kind_of(RemoteAddr pc) const {
  const LoadedObject *object = find_object(objects_, pc);
  return object ? kinds_.at(object->range.begin) : Kind::program;
}

RemoteAddr BorrowableThreadRules::callee(RemoteAddr return_address, CachedMemory &memory) const {
  std::array<uint8_t, 6> code{}; // call *disp32(%rip), or a byte and call rel32
  if (!memory.try_read(return_address - code.size(), code.data(), code.size()))
    return {};
  int32_t distance;
  memcpy(&distance, code.data() + 2, sizeof distance);
  RemoteAddr to(return_address.value + static_cast<uint64_t>(int64_t{distance}));
  uint64_t value = 0;
  if (code[0] == 0xff && code[1] == 0x15)
    return memory.try_read(to, &value, sizeof value) ? RemoteAddr(value) : RemoteAddr();
  if (code[1] != 0xe8)
    return {};
  char stub[kStubSize];
  if (!memory.try_read(to, stub, sizeof stub))
    return to;
  std::optional<uint64_t> slot = plt_slot({stub, sizeof stub}, to.value);
  if (slot && memory.try_read(RemoteAddr(*slot), &value, sizeof value))
    return RemoteAddr(value);
  return to;
}

// What no thread may have on its stack, whatever it is doing.
std::string BorrowableThreadRules::stack_obstacle(const Stack &stack, CachedMemory &memory) const {
  if (!stack.complete)
    return "has a stack that cannot be followed";
  for (size_t i = 0; i < stack.frames.size(); i++) {
    const Frame &frame = stack.frames[i];
    if (i > 0 && frame.exact && !library_obstacle(stack, i, thin_calls_, memory).empty())
      return "is in a signal handler";
    Kind kind = kind_of(frame.code());
    if (kind == Kind::linker)
      return "is in the dynamic linker";
    if (kind == Kind::unwinder)
      return "is in the unwinder";
    bool inside = std::any_of(allocators_.begin(), allocators_.end(),
                              [&](const RemoteRange &r) { return r.contains(frame.code()); });
    if (inside || (i > 0 && allocator_entries_.contains(callee(frame.pc, memory))))
      return "allocates memory";
  }
  return {};
}

// Where the thread is at the moment.
std::string BorrowableThreadRules::place_obstacle(const user_regs_struct &regs, const Stack &stack,
                                                  CachedMemory &memory) const {
  bool in_call = static_cast<int64_t>(regs.orig_rax) >= 0;
  if (in_call && waits_for_the_world(regs.orig_rax))
    return {};
  static const std::set<RemoteAddr> kNone;
  bool waits = in_call && regs.orig_rax == SYS_futex;
  return library_obstacle(stack, 0, waits ? waits_ : kNone, memory);
}

// What the libraries may be in the middle of at frame `first`, which may be in one of the
// functions `allowed` that the program called.
std::string BorrowableThreadRules::library_obstacle(const Stack &stack, size_t first,
                                                    const std::set<RemoteAddr> &allowed,
                                                    CachedMemory &memory) const {
  // The frames that started the thread end with the library's, begun by _start perhaps.
  size_t end = stack.frames.size();
  if (end > first + 1 && kind_of(stack.frames[end - 1].code()) == Kind::program)
    end--;
  for (size_t n = 0; n < kMaxStartFrames && end > first + 1; n++, end--) {
    if (kind_of(stack.frames[end - 1].code()) != Kind::library)
      break;
  }
  // The libraries' frames at the inner end, down to the program's call.
  size_t begin = first;
  while (begin < end && kind_of(stack.frames[begin].code()) == Kind::library)
    begin++;
  for (size_t i = begin; i < end; i++) {
    if (kind_of(stack.frames[i].code()) != Kind::program)
      return "is called back from a library";
  }
  bool may_be = begin == first || (begin < stack.frames.size() &&
                                   allowed.contains(callee(stack.frames[begin].pc, memory)));
  return may_be ? "" : "is inside the C library";
}

std::string BorrowableThreadRules::obstacle(pid_t tid) const {
  // Nothing of the program has run that could hold a lock.
  if (target_.process().start_stop() != StartStop::none && tid == target_.process().pid())
    return {};
  std::string head = fmt::format("thread {} ", tid);
  if (in_restartable_sequence(tid, target_.memory()))
    return head + "is in a restartable sequence";
  user_regs_struct regs{};
  if (ptrace(PTRACE_GETREGS, tid, 0, &regs) != 0)
    return head + "exited";
  CachedMemory memory(target_.memory());
  const Mapping *stack_memory = find_mapping(map_, RemoteAddr(regs.rsp));
  bool room = stack_memory && (stack_memory->path == "[stack]" ||
                               regs.rsp - stack_memory->range.begin.value >= kStackRoom);
  if (!room)
    return head + "has a small stack";
  Stack stack = unwind(regs, tables_, memory);
  std::string text = stack_obstacle(stack, memory);
  if (text.empty())
    text = place_obstacle(regs, stack, memory);
  return text.empty() ? text : head + text;
}

} // namespace care
