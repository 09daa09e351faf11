// SPDX-License-Identifier: GPL-2.0-or-later
//
// The first half of the safety check: look through a stopped thread's stack for
// words that could lead into forbidden code, without understanding it.
//
// Each word from below the stack pointer up to the end of the thread's own stack is
// taken for a possible return address. That covers all that the thread will return
// into as long as every frame lies above the stack pointer. It does not when a signal
// was taken on an alternate stack that is part of the thread's own (an array of an
// outer function): the interrupted frames lie below then. Signal frames are known by
// what the kernel writes into them; one that leads anywhere but upwards is no proof.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <sys/types.h>
#include <sys/user.h>

#include "lib/process/maps.h"
#include "lib/process/memory.h"
#include "lib/unwind/forbidden_code.h"

namespace care {

// A used part that is larger is not scanned but unwound.
constexpr uint64_t kMaxScan = 16 << 20;

// The end of the stack that the kernel or the C library gave a thread: of [stack]
// for the main thread, the thread control block (%fs base) for others, which glibc
// and musl keep at the top of the stack that they start a thread on.
std::optional<RemoteAddr> own_stack_end(pid_t tid, pid_t pid, const user_regs_struct &regs,
                                        const MemoryMap &map);

// The memory below `end` down to `from`, entirely; nothing when it is too much, or
// part of it is not readable (a guard page: another stack begins there).
std::optional<std::vector<std::byte>> read_up_to(RemoteAddr from, RemoteAddr end,
                                                 const RemoteMemory &memory);

struct ThreadStack {
  pid_t tid = 0;
  user_regs_struct regs{};
  RemoteRange range;                  // from below the stack pointer to the stack's end
  std::span<const std::byte> content; // of it, as far as it could be read
};

// Before threads are stopped: their ThreadStacks will find its memory (warm_memory.h).
void warm_up_stacks(size_t threads);

// Registers and stacks of stopped threads, in as few system calls as can be.
class ThreadStacks {
 public:
  // Throws Error no_process when one of them is gone.
  ThreadStacks(const std::vector<pid_t> &stopped, pid_t pid, const MemoryMap &map,
               const RemoteMemory &memory);
  const std::vector<ThreadStack> &all() const { return stacks_; }

 private:
  std::vector<ThreadStack> stacks_;
  std::unique_ptr<std::byte[]> buffer_;
};

enum class Scan {
  clean,   // proves that nothing leads into the forbidden code
  hit,     // a word could
  partial, // it did not cover the thread's whole own stack
};

// `words` grows by what was looked at.
Scan scan_stack(const ThreadStack &stack, const ForbiddenCode &forbidden, uint64_t &words);
// Any memory; never partial.
Scan scan_memory(std::span<const std::byte> content, const ForbiddenCode &forbidden,
                 uint64_t &words);

} // namespace care
