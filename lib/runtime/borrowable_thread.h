// SPDX-License-Identifier: GPL-2.0-or-later
//
// In which thread may a function of a library be called?
//
// A function like dlopen() or __register_frame_info() takes locks and allocates. In
// a thread that was stopped in the middle of malloc it would wait for a lock that
// this very thread holds, or find a list half changed. A thread is *quiet* when
//
//   * its stack is understood to the end, and holds no frame in the dynamic linker, in
//     the unwinder, or in a function that allocates (by the symbols that its callers
//     called, too: allocators end in tail calls), and
//   * it holds no signal frame, since the handler may have interrupted anything, unless
//     what it interrupted is the program's own code, or a function that does nothing but
//     a system call (select, sigprocmask ...) which the program called: servers fork in
//     such handlers, and the children never leave them, and
//   * it sleeps in a system call that no library makes while it holds such a lock
//     (read, poll, accept, nanosleep ...), no matter which function of the C or C++ library called
//     it, or
//     it runs, or sleeps in another system call, and all of its frames but the
//     outermost start frames are the program's own, or
//     it sleeps in futex by a call of the program to a function that waits for other
//     threads (pthread_cond_wait, pthread_join ...), and
//   * it is in no restartable sequence and has room on its stack.
//
// Not seen: allocators that are part of the program under other names, and whose
// functions the library to be called uses (there is no way to, without the names
// `malloc` and `free`).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>
#include <sys/user.h>

#include "lib/target/target.h"
#include "lib/unwind/unwinder.h"

namespace care {

// What every thread of one target is judged by; read while the target runs.
class BorrowableThreadRules {
 public:
  explicit BorrowableThreadRules(const Target &target);

  // Empty when a library function may be called in the stopped thread `tid`,
  // otherwise what is in the way: "thread 12 allocates memory".
  std::string obstacle(pid_t tid) const;
  const MemoryMap &map() const { return map_; }

 private:
  enum class Kind { program, library, linker, unwinder };

  void classify(const LoadedObject &object, CachedMemory &memory);
  Kind kind_of(RemoteAddr pc) const;
  std::string stack_obstacle(const Stack &stack, CachedMemory &memory) const;
  std::string place_obstacle(const user_regs_struct &regs, const Stack &stack,
                             CachedMemory &memory) const;
  std::string library_obstacle(const Stack &stack, size_t first,
                               const std::set<RemoteAddr> &allowed, CachedMemory &memory) const;
  // The function that the call before `return_address` called; 0: cannot be told.
  RemoteAddr callee(RemoteAddr return_address, CachedMemory &memory) const;

  const Target &target_;
  MemoryMap map_;
  std::vector<LoadedObject> objects_;
  std::vector<UnwindTable> tables_;
  std::map<RemoteAddr, Kind> kinds_; // by the first byte of an object
  std::vector<RemoteRange> allocators_;
  std::set<RemoteAddr> allocator_entries_;
  std::set<RemoteAddr> waits_;
  std::set<RemoteAddr> thin_calls_;
};

} // namespace care
