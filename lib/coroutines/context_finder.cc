// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/context_finder.h"

#include <algorithm>
#include <cstring>

#include "lib/base/units.h"
#include "lib/x86/stack_switch.h"

namespace care {

namespace {

// How much of a running thread's stack is searched for pointers.
constexpr uint64_t kThreadStack = 8 << 20;
// Where the switch away from a stack can be, seen from a return address on it.
constexpr uint64_t kBelow = 64 << 10;
constexpr uint64_t kAbove = 1 << 20;
// A switch saves fewer registers than this before it takes the stack pointer.
constexpr uint64_t kSavedRegisters = 16 * kWord;

bool needs_pointer(const SavedContext &c) {
  return c.kind == ContextKind::fcontext || c.kind == ContextKind::switched;
}

// Where a pointer to the context can point.
RemoteRange pointer_range(const SavedContext &c) {
  if (c.kind == ContextKind::fcontext || !c.certain)
    return {c.at, c.at + 1};
  return {c.at - kSavedRegisters, c.at + 1};
}

} // namespace

std::vector<SavedContext> ContextFinder::find() {
  for (RemoteAddr at : in_.marks.ucontexts)
    add(read_ucontext(at, stacks_, code_));
  for (RemoteAddr at : in_.marks.fcontexts)
    add(read_fcontext(at, stacks_, code_));
  for (RemoteAddr at : in_.marks.jump_buffers)
    add(read_jump_buffer(at, in_.pointer_guard.value_or(0), stacks_, code_, in_.long_jumps));
  add_switches();
  drop_old();
  for (const StoppedThread &t : in_.threads) {
    SavedContext running;
    running.kind = ContextKind::thread;
    running.at = RemoteAddr(static_cast<uint64_t>(t.tid));
    running.regs = t.regs;
    add(running);
  }
  return std::move(contexts_);
}

// Contexts of threads' own stacks are not ours.
void ContextFinder::add(std::optional<SavedContext> context) {
  if (context && find_area(in_.areas, context->sp()))
    contexts_.push_back(*context);
}

ContextFinder::Callee ContextFinder::callee_of(RemoteAddr return_address) {
  auto [it, fresh] = callees_.try_emplace(return_address, Callee::other);
  if (!fresh || !code_.is_return_address(return_address))
    return it->second;
  RemoteAddr function = code_.callee(return_address);
  if (in_.long_jumps.contains(function)) // there is exact knowledge of those
    return it->second;
  // libco's co_switch is a jump to the switch itself.
  if (function)
    function = code_.behind_jump(function);
  char code[256];
  size_t size = function ? in_.memory.read_some(function, code, sizeof code) : 0;
  if (size == 0)
    it->second = Callee::unknown;
  else if (switches_stack({code, size}))
    it->second = Callee::switches;
  return it->second;
}

// Return addresses of calls of a function that changes stacks, near the candidates.
void ContextFinder::add_switches() {
  std::vector<RemoteRange> near;
  for (const FoundWord &w : in_.marks.candidates) {
    const Area *area = find_area(in_.areas, w.at);
    if (area)
      near.push_back(
          {std::max(area->range.begin, w.at - kBelow), std::min(area->range.end, w.at + kAbove)});
  }
  merge(near);
  std::vector<RemoteRange> both;
  for (const RemoteRange &scanned : in_.ranges) {
    for (const RemoteRange &r : near) {
      if (r.overlaps(scanned))
        both.push_back({std::max(r.begin, scanned.begin), std::min(r.end, scanned.end)});
    }
  }
  read_ranges(in_.memory, both, [&](RemoteAddr at, std::span<const std::byte> content) {
    for (size_t i = 0; i + kWord <= content.size(); i += kWord) {
      uint64_t word;
      memcpy(&word, content.data() + i, kWord);
      if (!code_.may_be_code(word) || callee_of(RemoteAddr(word)) == Callee::other)
        continue;
      SavedContext context;
      context.kind = ContextKind::switched;
      context.at = at + i;
      context.certain = callee_of(RemoteAddr(word)) == Callee::switches;
      context.regs.rip = word;
      context.regs.rsp = context.at.value + kWord;
      contexts_.push_back(context);
    }
  });
}

// Saved registers stay on a stack when it has moved on. The pointer to those that count
// is kept somewhere else until the stack is entered again: where the whole memory holds
// no such pointer, or where there is one to another place on the same stack, they are old.
void ContextFinder::drop_old() {
  struct Wanted {
    RemoteRange range;
    size_t context;
  };
  std::vector<Wanted> wanted;
  for (size_t i = 0; i < contexts_.size(); i++) {
    if (needs_pointer(contexts_[i]))
      wanted.push_back({pointer_range(contexts_[i]), i});
  }
  if (wanted.empty())
    return;
  std::sort(wanted.begin(), wanted.end(),
            [](const Wanted &a, const Wanted &b) { return a.range.end < b.range.end; });
  std::vector<RemoteRange> ranges = in_.ranges;
  for (const StoppedThread &t : in_.threads) {
    RemoteAddr sp((t.regs.rsp - kRedZone) & ~(kWord - 1));
    if (const Mapping *m = find_mapping(in_.map, sp))
      ranges.push_back({sp, std::min(m->range.end, sp + kThreadStack)});
  }
  std::set<size_t> pointed;
  uint64_t low = wanted.front().range.begin.value - kSavedRegisters;
  uint64_t span = wanted.back().range.end.value - low;
  read_ranges(in_.memory, ranges, [&](RemoteAddr at, std::span<const std::byte> content) {
    for (size_t i = 0; i + kWord <= content.size(); i += kWord) {
      uint64_t word;
      memcpy(&word, content.data() + i, kWord);
      if (word - low > span)
        continue;
      auto it =
          std::upper_bound(wanted.begin(), wanted.end(), RemoteAddr(word),
                           [](RemoteAddr w, const Wanted &range) { return w < range.range.end; });
      for (; it != wanted.end() && it->range.contains(RemoteAddr(word)); ++it) {
        SavedContext &context = contexts_[it->context];
        bool elsewhere = at + i < context.at - kBelow || context.at + kAbove < at + i;
        if (!context.certain && !elsewhere)
          continue;
        pointed.insert(it->context);
        context.pointer = at + i;
      }
    }
  });
  std::vector<SavedContext> kept;
  for (size_t i = 0; i < contexts_.size(); i++) {
    const SavedContext &c = contexts_[i];
    const Area *area = find_area(in_.areas, c.sp());
    bool another = std::any_of(pointed.begin(), pointed.end(), [&](size_t p) {
      return area && area->guarded && area->range.contains(contexts_[p].sp());
    });
    if (!needs_pointer(c) || pointed.contains(i) || (c.certain && !in_.whole && !another))
      kept.push_back(c);
  }
  contexts_ = std::move(kept);
}

} // namespace care
