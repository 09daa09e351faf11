// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/thread_check.h"

#include "lib/base/units.h"

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

} // namespace

ThreadCheck::ThreadCheck(const std::vector<pid_t> &tids, pid_t pid, const SafetyQuestion &question,
                         const RemoteMemory &memory, SafetyStats &stats)
    : pid_(pid), question_(question), memory_(memory), cache_(memory), stats_(stats),
      stacks_(tids, pid, question.map, memory) {
  stats_.threads = tids.size();
}

bool ThreadCheck::scan_says_safe(const ThreadStack &t) {
  return scan(t) == Scan::clean;
}

bool ThreadCheck::holds_nothing(const ThreadStack &t) {
  auto *registers = reinterpret_cast<const std::byte *>(&t.regs);
  if (scan_memory({registers, sizeof t.regs}, question_.forbidden, stats_.words) == Scan::hit)
    return false;
  Scan result = scan(t);
  return result == Scan::clean || (result == Scan::partial && elsewhere_is_clean(t));
}

// The only thread of a child that another thread than the first forked has that
// thread's stack: all of the mapping from its stack pointer on, and all of its own.
bool ThreadCheck::elsewhere_is_clean(const ThreadStack &t) {
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

std::optional<Obstacle> ThreadCheck::unwind_thread(const ThreadStack &t) {
  stats_.unwound++;
  Obstacle obstacle{t.tid, "", unwind(t.regs, question_.tables, cache_)};
  bool by_hand = end_by_hand(t, obstacle.stack);
  if (const CodeRange *range = forbidden_frame(obstacle.stack, question_.forbidden)) {
    obstacle.function = range->name;
    return obstacle;
  }
  if (!obstacle.stack.complete)
    return obstacle;
  if ((!by_hand && ends_on_own_stack(t, obstacle.stack.frames.back().sp)) || own_stack_is_clean(t))
    return std::nullopt;
  obstacle.stack.complete = false;
  obstacle.stack.end = "the thread runs on a stack that is not its own";
  return obstacle;
}

// What lies behind the end of a stack that the program made is no part of it. On the
// thread's own stack there is no such end.
bool ThreadCheck::end_by_hand(const ThreadStack &t, Stack &stack) {
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

bool ThreadCheck::ends_on_own_stack(const ThreadStack &t, RemoteAddr sp) {
  std::optional<RemoteAddr> end = own_stack_end(t.tid, pid_, t.regs, question_.map);
  return end && read_up_to(sp, *end, memory_).has_value();
}

// The whole of the mapping below the own stack's end, used or not.
bool ThreadCheck::own_stack_is_clean(const ThreadStack &t) {
  std::optional<RemoteAddr> end = own_stack_end(t.tid, pid_, t.regs, question_.map);
  const Mapping *m = end ? find_mapping(question_.map, *end - 1) : nullptr;
  if (!m || !m->write)
    return false;
  std::optional<std::vector<std::byte>> whole = read_up_to(m->range.begin, *end, memory_);
  return whole && scan_memory(*whole, question_.forbidden, stats_.words) == Scan::clean;
}

} // namespace care
