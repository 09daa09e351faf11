// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/safety.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include <sys/ptrace.h>

#include "lib/base/error.h"
#include "lib/process/process.h"

namespace care {

namespace {

constexpr uint64_t kRedZone = 128;
// A used part that is larger is not scanned but unwound.
constexpr uint64_t kMaxScan = 16 << 20;
constexpr uint64_t kWord = 8;

struct ThreadState {
  pid_t tid = 0;
  user_regs_struct regs{};
  RemoteRange stack;            // from below the stack pointer to the stack's end
  std::span<std::byte> content; // of it, as far as it could be read
};

// The end of the stack that the kernel or the C library gave this thread, when
// the stack pointer can be on it.
std::optional<RemoteAddr> own_stack_end(pid_t tid, pid_t pid, const user_regs_struct &regs,
                                        const MemoryMap &map) {
  if (tid != pid)
    return RemoteAddr(regs.fs_base & ~(kWord - 1));
  for (const Mapping &m : map) {
    if (m.path == "[stack]")
      return m.range.end;
  }
  return std::nullopt;
}

class Check {
 public:
  Check(const StoppedThreads &threads, const SafetyQuestion &question, const RemoteMemory &memory,
        SafetyStats &stats)
      : threads_(threads), question_(question), memory_(memory), cache_(memory), stats_(stats) {}

  std::optional<Obstacle> run() {
    read_registers();
    read_stacks();
    for (const ThreadState &t : states_) {
      if (!scan_proves(t)) {
        if (std::optional<Obstacle> obstacle = unwind_thread(t))
          return obstacle;
      }
    }
    return std::nullopt;
  }

  std::optional<pid_t> holder() {
    read_registers();
    read_stacks();
    for (const ThreadState &t : states_) {
      auto *words = reinterpret_cast<const std::byte *>(&t.regs);
      if (hit({words, sizeof t.regs}) || !scan_proves(t))
        return t.tid;
    }
    return std::nullopt;
  }

 private:
  void read_registers() {
    states_.resize(threads_.stopped().size());
    for (size_t i = 0; i < states_.size(); i++) {
      ThreadState &t = states_[i];
      t.tid = threads_.stopped()[i];
      if (ptrace(PTRACE_GETREGS, t.tid, 0, &t.regs) != 0)
        throw no_such_process(threads_.pid());
      RemoteAddr low((t.regs.rsp - kRedZone) & ~(kWord - 1));
      std::optional<RemoteAddr> end = own_stack_end(t.tid, threads_.pid(), t.regs, question_.map);
      if (end && RemoteAddr(t.regs.rsp) <= *end && *end - low <= static_cast<int64_t>(kMaxScan))
        t.stack = {low, *end};
    }
    stats_.threads = states_.size();
  }

  void read_stacks() {
    size_t total = 0;
    for (const ThreadState &t : states_)
      total += t.stack.size();
    buffer_.reset(new std::byte[total]); // not zeroed: it is read over at once
    std::vector<RemoteMemory::Piece> pieces;
    pieces.reserve(states_.size());
    size_t at = 0;
    for (const ThreadState &t : states_) {
      pieces.push_back({t.stack.begin, {buffer_.get() + at, t.stack.size()}});
      at += t.stack.size();
    }
    memory_.read_pieces(pieces);
    for (size_t i = 0; i < states_.size(); i++)
      states_[i].content = pieces[i].buffer;
  }

  bool hit(std::span<const std::byte> content) {
    stats_.words += content.size() / kWord;
    for (size_t i = 0; i + kWord <= content.size(); i += kWord) {
      uint64_t word;
      memcpy(&word, content.data() + i, kWord);
      if (question_.forbidden.may_lead_into(word))
        return true;
    }
    return false;
  }

  bool scan_proves(const ThreadState &t) {
    // Without a gap up to the end: nothing of it went unread.
    bool whole = !t.stack.empty() && t.content.size() == t.stack.size();
    return whole && !question_.forbidden.holds(RemoteAddr(t.regs.rip)) && !hit(t.content);
  }

  std::optional<Obstacle> unwind_thread(const ThreadState &t) {
    stats_.unwound++;
    Obstacle obstacle{t.tid, "", unwind(t.regs, question_.tables, cache_)};
    for (const Frame &f : obstacle.stack.frames) {
      const CodeRange *range = question_.forbidden.holds(f.code());
      if (!range)
        range = question_.forbidden.holds(f.pc);
      if (range) {
        obstacle.function = range->name;
        return obstacle;
      }
    }
    if (!obstacle.stack.complete)
      return obstacle;
    if (ends_on_own_stack(t, obstacle.stack.frames.back().sp) || own_stack_is_clean(t))
      return std::nullopt;
    obstacle.stack.complete = false;
    obstacle.stack.end = "the thread runs on a stack that is not its own";
    return obstacle;
  }

  bool ends_on_own_stack(const ThreadState &t, RemoteAddr sp) {
    std::optional<RemoteAddr> end = own_stack_end(t.tid, threads_.pid(), t.regs, question_.map);
    if (!end || *end < sp || *end - sp > static_cast<int64_t>(kMaxScan))
      return false;
    std::vector<std::byte> rest(static_cast<size_t>(*end - sp));
    std::vector<RemoteMemory::Piece> pieces{{sp, rest}};
    memory_.read_pieces(pieces);
    return pieces[0].buffer.size() == rest.size();
  }

  // The whole of the mapping below the own stack's end, used or not.
  bool own_stack_is_clean(const ThreadState &t) {
    std::optional<RemoteAddr> end = own_stack_end(t.tid, threads_.pid(), t.regs, question_.map);
    const Mapping *m = end ? find_mapping(question_.map, *end - 1) : nullptr;
    if (!m || !m->write || *end - m->range.begin > static_cast<int64_t>(kMaxScan))
      return false;
    std::vector<std::byte> whole(static_cast<size_t>(*end - m->range.begin));
    std::vector<RemoteMemory::Piece> pieces{{m->range.begin, whole}};
    memory_.read_pieces(pieces);
    return pieces[0].buffer.size() == whole.size() && !hit(whole);
  }

  const StoppedThreads &threads_;
  const SafetyQuestion &question_;
  const RemoteMemory &memory_;
  CachedMemory cache_;
  SafetyStats &stats_;
  std::vector<ThreadState> states_;
  std::unique_ptr<std::byte[]> buffer_;
};

} // namespace

std::string Obstacle::text(const std::vector<UnwindTable> &tables) const {
  std::string head = function.empty()
                         ? fmt::format("thread {} has a stack that cannot be followed", tid)
                         : fmt::format("thread {} is in {}", tid, function);
  return head + "\n" + stack_text(stack, tables);
}

std::optional<Obstacle> check_safety(const StoppedThreads &threads, const SafetyQuestion &question,
                                     const RemoteMemory &memory, SafetyStats &stats) {
  return Check(threads, question, memory, stats).run();
}

std::optional<pid_t> find_holder(const StoppedThreads &threads, const SafetyQuestion &question,
                                 const RemoteMemory &memory) {
  SafetyStats stats;
  return Check(threads, question, memory, stats).holder();
}

} // namespace care
