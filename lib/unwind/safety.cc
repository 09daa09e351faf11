// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/safety.h"

#include "lib/base/error.h"
#include "lib/base/units.h"
#include "lib/unwind/stack_scan.h"

namespace care {

namespace {

// A return address belongs to the call in front of it: one that is the first byte of a
// range comes from the function before, whose last instruction is a call that does not
// return.
const CodeRange *forbidden_frame(const Stack &stack, const ForbiddenCode &forbidden) {
  for (const Frame &f : stack.frames) {
    if (const CodeRange *range = forbidden.holds(f.code()))
      return range;
  }
  return nullptr;
}

class Check {
 public:
  Check(const std::vector<pid_t> &tids, pid_t pid, const SafetyQuestion &question,
        const RemoteMemory &memory, SafetyStats &stats)
      : pid_(pid), question_(question), memory_(memory), cache_(memory), stats_(stats),
        stacks_(tids, pid, question.map, memory) {
    stats_.threads = tids.size();
  }

  std::vector<Obstacle> run(size_t limit) {
    std::vector<Obstacle> obstacles;
    for (const ThreadStack &t : stacks_.all()) {
      if (scan(t) == Scan::clean)
        continue;
      if (std::optional<Obstacle> obstacle = unwind_thread(t))
        obstacles.push_back(std::move(*obstacle));
      if (obstacles.size() >= limit)
        break;
    }
    return obstacles;
  }

  std::vector<BothAnswers> compare() {
    std::vector<BothAnswers> answers;
    for (const ThreadStack &t : stacks_.all()) {
      BothAnswers both;
      both.tid = t.tid;
      both.scan_says_safe = scan(t) == Scan::clean;
      std::optional<Obstacle> obstacle = unwind_thread(t);
      both.exact = !obstacle                    ? ExactAnswer::safe
                   : obstacle->function.empty() ? ExactAnswer::unknown
                                                : ExactAnswer::unsafe;
      if (obstacle)
        both.obstacle = std::move(*obstacle);
      answers.push_back(std::move(both));
    }
    return answers;
  }

  std::optional<pid_t> holder() {
    for (const ThreadStack &t : stacks_.all()) {
      auto *registers = reinterpret_cast<const std::byte *>(&t.regs);
      if (scan_memory({registers, sizeof t.regs}, question_.forbidden, stats_.words) == Scan::hit ||
          !holds_nothing(t))
        return t.tid;
    }
    return std::nullopt;
  }

 private:
  bool holds_nothing(const ThreadStack &t) {
    Scan result = scan(t);
    return result == Scan::clean || (result == Scan::partial && elsewhere_is_clean(t));
  }

  // The only thread of a child that another thread than the first forked has that
  // thread's stack: all of the mapping from its stack pointer on, and all of its own.
  bool elsewhere_is_clean(const ThreadStack &t) {
    RemoteAddr low((t.regs.rsp - kRedZone) & ~(kWord - 1));
    const Mapping *m = find_mapping(question_.map, low);
    if (!m || !m->write)
      return false;
    std::optional<std::vector<std::byte>> content = read_up_to(low, m->range.end, memory_);
    if (!content)
      return false;
    ThreadStack used{t.tid, t.regs, {low, m->range.end}, *content};
    return scan(used) == Scan::clean && own_stack_is_clean(t);
  }

  Scan scan(const ThreadStack &t) { return scan_stack(t, question_.forbidden, stats_.words); }

  std::optional<Obstacle> unwind_thread(const ThreadStack &t) {
    stats_.unwound++;
    Obstacle obstacle{t.tid, "", unwind(t.regs, question_.tables, cache_)};
    bool by_hand = end_by_hand(t, obstacle.stack);
    if (const CodeRange *range = forbidden_frame(obstacle.stack, question_.forbidden)) {
      obstacle.function = range->name;
      return obstacle;
    }
    if (!obstacle.stack.complete)
      return obstacle;
    if ((!by_hand && ends_on_own_stack(t, obstacle.stack.frames.back().sp)) ||
        own_stack_is_clean(t))
      return std::nullopt;
    obstacle.stack.complete = false;
    obstacle.stack.end = "the thread runs on a stack that is not its own";
    return obstacle;
  }

  // What lies behind the end of a stack that the program made is no part of it. On the
  // thread's own stack there is no such end.
  bool end_by_hand(const ThreadStack &t, Stack &stack) {
    if (!question_.made_by_hand || stack.complete || ends_on_own_stack(t, RemoteAddr(t.regs.rsp)))
      return false;
    for (size_t i = 1; i < stack.frames.size(); i++) {
      const Frame &f = stack.frames[i];
      if (f.exact || !question_.made_by_hand(f.pc))
        continue;
      stack.frames.resize(i + 1);
      stack.complete = true;
      return true;
    }
    return false;
  }

  bool ends_on_own_stack(const ThreadStack &t, RemoteAddr sp) {
    std::optional<RemoteAddr> end = own_stack_end(t.tid, pid_, t.regs, question_.map);
    return end && read_up_to(sp, *end, memory_).has_value();
  }

  // The whole of the mapping below the own stack's end, used or not.
  bool own_stack_is_clean(const ThreadStack &t) {
    std::optional<RemoteAddr> end = own_stack_end(t.tid, pid_, t.regs, question_.map);
    const Mapping *m = end ? find_mapping(question_.map, *end - 1) : nullptr;
    if (!m || !m->write)
      return false;
    std::optional<std::vector<std::byte>> whole = read_up_to(m->range.begin, *end, memory_);
    return whole && scan_memory(*whole, question_.forbidden, stats_.words) == Scan::clean;
  }

  pid_t pid_;
  const SafetyQuestion &question_;
  const RemoteMemory &memory_;
  CachedMemory cache_;
  SafetyStats &stats_;
  ThreadStacks stacks_;
};

} // namespace

std::string Obstacle::text(const std::vector<UnwindTable> &tables) const {
  std::string head = function.empty()
                         ? fmt::format("thread {} has a stack that cannot be followed", tid)
                         : fmt::format("thread {} is in {}", tid, function);
  return head + "\n" + stack_text(stack, tables);
}

std::vector<Obstacle> check_threads(const std::vector<pid_t> &tids, pid_t pid,
                                    const SafetyQuestion &question, const RemoteMemory &memory,
                                    SafetyStats &stats, size_t limit) {
  return Check(tids, pid, question, memory, stats).run(limit);
}

std::optional<Obstacle> check_safety(const StoppedThreads &threads, const SafetyQuestion &question,
                                     const RemoteMemory &memory, SafetyStats &stats) {
  std::vector<Obstacle> found =
      check_threads(threads.stopped(), threads.pid(), question, memory, stats, 1);
  if (found.empty())
    return std::nullopt;
  return std::move(found.front());
}

std::vector<BothAnswers> compare_answers(const StoppedThreads &threads,
                                         const SafetyQuestion &question, const RemoteMemory &memory,
                                         SafetyStats &stats) {
  return Check(threads.stopped(), threads.pid(), question, memory, stats).compare();
}

std::optional<pid_t> find_holder(const StoppedThreads &threads, const SafetyQuestion &question,
                                 const RemoteMemory &memory) {
  SafetyStats stats;
  return Check(threads.stopped(), threads.pid(), question, memory, stats).holder();
}

} // namespace care
