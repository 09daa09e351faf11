// SPDX-License-Identifier: GPL-2.0-or-later
//
// The safety check of all threads at once, and its two halves compared. Where the scan says
// safe and the exact answer is unsafe, the check is broken.
#pragma once

#include <optional>
#include <vector>

#include "lib/unwind/thread_check.h"

namespace care {

// The first obstacle, or nothing: safe. All threads of the target stand still.
inline std::optional<Obstacle> check_safety(const StoppedThreads &threads,
                                            const SafetyQuestion &question,
                                            const RemoteMemory &memory, SafetyStats &stats) {
  std::vector<Obstacle> found =
      check_threads(threads.stopped(), threads.pid(), question, memory, stats, 1);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

enum class ExactAnswer { safe, unsafe, unknown };

struct BothAnswers {
  pid_t tid = 0;
  bool scan_says_safe = false;
  ExactAnswer exact = ExactAnswer::unknown;
  Obstacle obstacle; // unless safe
};

// About every thread, each half by itself.
inline std::vector<BothAnswers> compare_answers(const StoppedThreads &threads,
                                                const SafetyQuestion &question,
                                                const RemoteMemory &memory, SafetyStats &stats) {
  ThreadCheck check(threads.stopped(), threads.pid(), question, memory, stats);
  std::vector<BothAnswers> answers;
  for (const ThreadStack &t : check.threads()) {
    BothAnswers both;
    both.tid = t.tid;
    both.scan_says_safe = check.scan_says_safe(t);
    std::optional<Obstacle> obstacle = check.unwind_thread(t);
    both.exact = !obstacle                    ? ExactAnswer::safe
                 : obstacle->function.empty() ? ExactAnswer::unknown
                                              : ExactAnswer::unsafe;
    if (obstacle)
      both.obstacle = std::move(*obstacle);
    answers.push_back(std::move(both));
  }
  return answers;
}

} // namespace care
