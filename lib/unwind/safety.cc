// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/safety.h"

#include "lib/base/error.h"
#include "lib/unwind/thread_check.h"

namespace care {

std::string Obstacle::text(const std::vector<UnwindTable> &tables) const {
  std::string head = function.empty()
                         ? fmt::format("thread {} has a stack that cannot be followed", tid)
                         : fmt::format("thread {} is in {}", tid, function);
  return head + "\n" + stack_text(stack, tables);
}

std::vector<Obstacle> check_threads(const std::vector<pid_t> &tids, pid_t pid,
                                    const SafetyQuestion &question, const RemoteMemory &memory,
                                    SafetyStats &stats, size_t limit) {
  ThreadCheck check(tids, pid, question, memory, stats);
  std::vector<Obstacle> obstacles;
  for (const ThreadStack &t : check.threads()) {
    if (check.scan_says_safe(t))
      continue;
    if (std::optional<Obstacle> obstacle = check.unwind_thread(t))
      obstacles.push_back(std::move(*obstacle));
    if (obstacles.size() >= limit)
      break;
  }
  return obstacles;
}

std::optional<pid_t> find_holder(const StoppedThreads &threads, const SafetyQuestion &question,
                                 const RemoteMemory &memory) {
  SafetyStats stats;
  ThreadCheck check(threads.stopped(), threads.pid(), question, memory, stats);
  for (const ThreadStack &t : check.threads())
    if (!check.holds_nothing(t))
      return t.tid;
  return std::nullopt;
}

} // namespace care
