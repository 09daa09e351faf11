// SPDX-License-Identifier: GPL-2.0-or-later
//
// The safety check's two halves, thread by thread (safety.h says how they go together):
// the scan, which may only err on the side of danger, and the exact answer.
#pragma once

#include <optional>
#include <vector>

#include "lib/unwind/safety.h"
#include "lib/unwind/stack_scan.h"

namespace care {

class ThreadCheck {
 public:
  // Threads of process `pid` that stand still. What is handed in must live as long.
  // Throws Error no_process.
  ThreadCheck(const std::vector<pid_t> &tids, pid_t pid, const SafetyQuestion &question,
              const RemoteMemory &memory, SafetyStats &stats);

  const std::vector<ThreadStack> &threads() const { return stacks_.all(); }

  // True: proof that the thread is outside. False says nothing.
  bool scan_says_safe(const ThreadStack &t);
  // Nothing: the thread is outside.
  std::optional<Obstacle> unwind_thread(const ThreadStack &t);
  // Neither its registers nor its stack hold an address of the code.
  bool holds_nothing(const ThreadStack &t);

 private:
  Scan scan(const ThreadStack &t) { return scan_stack(t, question_.forbidden, stats_.words); }
  bool elsewhere_is_clean(const ThreadStack &t);
  bool end_by_hand(const ThreadStack &t, Stack &stack);
  bool ends_on_own_stack(const ThreadStack &t, RemoteAddr sp);
  bool own_stack_is_clean(const ThreadStack &t);

  pid_t pid_;
  const SafetyQuestion &question_;
  const RemoteMemory &memory_;
  CachedMemory cache_;
  SafetyStats &stats_;
  ThreadStacks stacks_;
};

} // namespace care
