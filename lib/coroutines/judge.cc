// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "lib/base/units.h"

namespace care {

namespace {

// Nothing can be read there: a rule that needs %rbp fails.
constexpr uint64_t kNoFramePointer = 1;
// How far below a return address its callee saves %rbp, and how far above it the frame
// can end.
constexpr uint64_t kSavedBelow = 16 * kWord;
constexpr uint64_t kLargestFrame = 64 << 10;
constexpr uint64_t kLargestStep = 64 << 20;
// A stack of which there are several contexts (old ones too) has not more than this.
constexpr size_t kNearContexts = 4;
constexpr int64_t kNear = 64 << 20;

bool shares_frame(const Stack &a, const Stack &b) {
  return std::any_of(a.frames.begin() + 1, a.frames.end(), [&](const Frame &f) {
    return std::any_of(b.frames.begin() + 1, b.frames.end(),
                       [&](const Frame &g) { return f.sp == g.sp && f.pc == g.pc; });
  });
}

bool has_frame(const Stack &stack, const FoundWord &word) {
  return std::any_of(stack.frames.begin(), stack.frames.end(),
                     [&](const Frame &f) { return f.pc == word.value && f.sp == word.at + kWord; });
}

} // namespace

Judge::Judge(Evidence evidence, CodeMap &code, CachedMemory &memory)
    : evidence_(std::move(evidence)), code_(code), memory_(memory) {
  std::sort(evidence_.contexts.begin(), evidence_.contexts.end(),
            [](const SavedContext &a, const SavedContext &b) { return a.sp() < b.sp(); });
  walks_.resize(evidence_.contexts.size());
}

Judge::Walk Judge::walk(const user_regs_struct &regs) {
  Walk walk;
  walk.stack = unwind(regs, evidence_.tables, memory_);
  std::vector<Frame> &frames = walk.stack.frames;
  bool in_handler = false;
  for (size_t i = 1; i < frames.size(); i++) {
    const Frame &f = frames[i];
    const Frame &inner = frames[i - 1];
    bool upwards = inner.sp < f.sp && f.sp - inner.sp < static_cast<int64_t>(kLargestStep);
    bool interrupted = f.exact || (code_.executable(inner.pc) && code_.is_signal_return(inner.pc));
    in_handler |= interrupted;
    bool off = !upwards || (f.pc.value != 0 && !code_.executable(f.pc));
    // What a signal interrupted is on another stack, or has gone on since.
    if (off && in_handler) {
      walk.chain = Chain::handler;
      frames.resize(i);
      return walk;
    }
    if (off) {
      walk.chain = Chain::broken;
      return walk;
    }
    if (interrupted || code_.is_signal_return(f.pc))
      continue;
    if (f.pc.value == 0 || !code_.is_return_address(f.pc)) {
      walk.chain = Chain::whole;
      walk.stack.complete = true; // by hand
      frames.resize(i + 1);
      return walk;
    }
  }
  if (walk.stack.complete)
    walk.chain = Chain::whole;
  return walk;
}

// From the call that the candidate returns to.
Judge::Walk Judge::follow(const FoundWord &candidate, RemoteAddr pointer) {
  user_regs_struct regs{};
  regs.rip = candidate.value.value - 1;
  regs.rsp = candidate.at.value + kWord;
  regs.rbp = kNoFramePointer;
  auto walk_up = [&] {
    Walk walked = walk(regs);
    if (!walked.stack.frames.empty())
      walked.stack.frames.front().pc = candidate.value; // the return address again
    return walked;
  };
  Walk first = walk_up();
  if (first.chain != Chain::unknown)
    return first;
  // Most callees save it first of all; then what looks like a frame's end.
  auto try_frame = [&](uint64_t frame) -> std::optional<Walk> {
    uint64_t above = 0;
    if (frame <= candidate.at.value || frame % kWord != 0 ||
        frame - candidate.at.value > kLargestFrame ||
        !memory_.try_read(RemoteAddr(frame) + kWord, &above, sizeof above) ||
        !code_.executable(RemoteAddr(above)))
      return std::nullopt;
    regs.rbp = frame;
    Walk walked = walk_up();
    if (walked.chain == Chain::whole || walked.chain == Chain::handler)
      return walked;
    return std::nullopt;
  };
  // libco keeps it behind the stack pointer.
  uint64_t kept = 0;
  if (pointer && memory_.try_read(pointer + kWord, &kept, sizeof kept)) {
    if (std::optional<Walk> walked = try_frame(kept))
      return *walked;
  }
  for (uint64_t below = kWord; below <= kSavedBelow; below += kWord) {
    uint64_t frame = 0;
    if (!memory_.try_read(candidate.at - below, &frame, sizeof frame))
      break;
    if (std::optional<Walk> walked = try_frame(frame))
      return *walked;
  }
  return first;
}

const Judge::Walk &Judge::walk_of(size_t context) {
  std::optional<Walk> &walked = walks_[context];
  const SavedContext &known = evidence_.contexts[context];
  if (!walked && known.kind == ContextKind::switched)
    walked = follow({known.at, RemoteAddr(known.regs.rip)}, known.pointer);
  else if (!walked)
    walked = walk(known.regs);
  return *walked;
}

// Those whose stack it can be on: the nearest on either side.
std::vector<size_t> Judge::contexts_near(RemoteAddr at) const {
  const std::vector<SavedContext> &all = evidence_.contexts;
  auto above = static_cast<size_t>(
      std::lower_bound(all.begin(), all.end(), at,
                       [](const SavedContext &c, RemoteAddr a) { return c.sp() < a; }) -
      all.begin());
  std::vector<size_t> found;
  size_t first = above - std::min(above, kNearContexts);
  for (size_t i = first; i < std::min(above + kNearContexts, all.size()); i++) {
    int64_t distance = all[i].sp() - at;
    if (-kNear < distance && distance < kNear)
      found.push_back(i);
  }
  return found;
}

// Other addresses of code in the neighbourhood: no place where one word stands by chance.
bool Judge::among_code(RemoteAddr at) {
  for (uint64_t distance = kWord; distance < kLargestFrame; distance += kWord) {
    uint64_t word = 0;
    if (!memory_.try_read(at + distance, &word, sizeof word))
      return false;
    if (code_.may_be_code(word) && code_.executable(RemoteAddr(word)))
      return true;
  }
  return false;
}

// Registers in a ucontext_t are no stack; where they still count the stack shows it.
bool Judge::in_old_ucontext(RemoteAddr at) const {
  return std::any_of(evidence_.ucontexts.begin(), evidence_.ucontexts.end(), [&](RemoteAddr u) {
    return u + kUcontextRegisters <= at && at < u + kUcontextFloatsPointer;
  });
}

// Is `at` certainly on the stack that the context is of?
bool Judge::bounded(const SavedContext &context, RemoteAddr at) const {
  if (!context.stack.empty())
    return context.stack.contains(at);
  const Area *area = find_area(evidence_.areas, at);
  if (!area || !area->guarded || !area->range.contains(context.sp()))
    return false;
  auto count = std::count_if(evidence_.contexts.begin(), evidence_.contexts.end(),
                             [&](const SavedContext &c) { return area->range.contains(c.sp()); });
  return count == 1;
}

Judgement Judge::judge(const FoundWord &candidate) {
  std::vector<size_t> near = contexts_near(candidate.at);
  for (size_t i : near) {
    const Walk &known = walk_of(i);
    if (has_frame(known.stack, candidate))
      return {Verdict::live, "saved in " + evidence_.contexts[i].text(), known.stack};
  }
  if (in_old_ucontext(candidate.at))
    return {Verdict::stale, "a register in a ucontext", {}};
  Walk own = follow(candidate);
  if (own.chain == Chain::broken)
    return {Verdict::stale, "no whole stack is behind it", {}};
  for (size_t i : near) {
    const SavedContext &context = evidence_.contexts[i];
    const Walk &known = walk_of(i);
    bool understood =
        candidate.at < context.sp() || known.chain == Chain::whole || known.chain == Chain::handler;
    bool same = shares_frame(own.stack, known.stack) ||
                (own.chain != Chain::whole && bounded(context, candidate.at));
    if (same && understood)
      return {Verdict::stale, "the stack has moved on, by " + context.text(), {}};
  }
  if (own.chain == Chain::handler)
    return {Verdict::stale, "left behind by a signal handler", {}};
  if (own.chain == Chain::unknown && !among_code(candidate.at))
    return {Verdict::stale, "no stack is around it", {}};
  if (code_.starts_function(candidate.value))
    return {Verdict::stale, "the address of a function", {}};
  return {Verdict::doubtful, "no context of its stack is known", std::move(own.stack)};
}

} // namespace care
