// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/stack_scan.h"

#include <cstring>

#include <sys/ptrace.h>

#include "lib/base/units.h"
#include "lib/base/warm_memory.h"
#include "lib/process/process.h"

namespace care {

namespace {

// struct ucontext of a signal frame, in words (kernel: asm-generic/ucontext.h,
// asm/sigcontext.h): uc_flags, uc_link, uc_stack (3), r8 .. r15, rdi, rsi, rbp, rbx,
// rdx, rax, rcx, rsp, rip, eflags, then cs, gs, fs and ss in one word.
constexpr size_t kUcFlags = 0;
constexpr size_t kUcLink = 1;
constexpr size_t kUcRsp = 20;
constexpr size_t kUcSegments = 23;
// cs of 64-bit code, gs and fs, which the kernel writes as 0 (setup_sigcontext()), and ss,
// which kernels before 4.7 wrote as 0 as well.
constexpr uint64_t kUserSegments = 0x002b'0000'0000'0033;
constexpr uint64_t kOldUserSegments = 0x33;
constexpr uint64_t kMaxUcFlags = 7;

// For each thread what is read of a stack, nearly always, and ThreadStacks' own.
constexpr size_t kUsualStack = 3 << 10;
constexpr size_t kRecords = 1 << 10;

uint64_t word_at(std::span<const std::byte> content, size_t index) {
  uint64_t word;
  memcpy(&word, content.data() + index * kWord, kWord);
  return word;
}

// Where the context of a signal frame goes on, when its word of segments is at `index`.
std::optional<uint64_t> interrupted_sp(std::span<const std::byte> content, size_t index) {
  if (index < kUcSegments)
    return std::nullopt;
  size_t begin = index - kUcSegments;
  if (word_at(content, begin + kUcFlags) > kMaxUcFlags || word_at(content, begin + kUcLink) != 0)
    return std::nullopt;
  return word_at(content, begin + kUcRsp);
}

} // namespace

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

std::optional<std::vector<std::byte>> read_up_to(RemoteAddr from, RemoteAddr end,
                                                 const RemoteMemory &memory) {
  if (end < from || end - from > static_cast<int64_t>(kMaxScan))
    return std::nullopt;
  std::vector<std::byte> bytes(static_cast<size_t>(end - from));
  std::vector<RemoteMemory::Piece> pieces{{from, bytes}};
  memory.read_pieces(pieces);
  if (pieces[0].buffer.size() != bytes.size())
    return std::nullopt;
  return bytes;
}

void warm_up_stacks(size_t threads) {
  warm_code();
  warm_heap(threads * (kUsualStack + kRecords) + (64 << 10));
}

ThreadStacks::ThreadStacks(const std::vector<pid_t> &stopped, pid_t pid, const MemoryMap &map,
                           const RemoteMemory &memory)
    : stacks_(stopped.size()) {
  size_t total = 0;
  for (size_t i = 0; i < stacks_.size(); i++) {
    ThreadStack &t = stacks_[i];
    t.tid = stopped[i];
    if (ptrace(PTRACE_GETREGS, t.tid, 0, &t.regs) != 0)
      throw no_such_process(pid);
    RemoteAddr low((t.regs.rsp - kRedZone) & ~(kWord - 1));
    std::optional<RemoteAddr> end = own_stack_end(t.tid, pid, t.regs, map);
    if (end && RemoteAddr(t.regs.rsp) <= *end && *end - low <= static_cast<int64_t>(kMaxScan))
      t.range = {low, *end};
    total += t.range.size();
  }
  buffer_.reset(new std::byte[total]); // not zeroed: it is read over at once
  std::vector<RemoteMemory::Piece> pieces;
  pieces.reserve(stacks_.size());
  size_t at = 0;
  for (const ThreadStack &t : stacks_) {
    pieces.push_back({t.range.begin, {buffer_.get() + at, t.range.size()}});
    at += t.range.size();
  }
  memory.read_pieces(pieces);
  for (size_t i = 0; i < stacks_.size(); i++)
    stacks_[i].content = pieces[i].buffer;
}

Scan scan_memory(std::span<const std::byte> content, const ForbiddenCode &forbidden,
                 uint64_t &words) {
  size_t count = content.size() / kWord;
  words += count;
  for (size_t i = 0; i < count; i++) {
    if (forbidden.may_lead_into(word_at(content, i)))
      return Scan::hit;
  }
  return Scan::clean;
}

Scan scan_stack(const ThreadStack &stack, const ForbiddenCode &forbidden, uint64_t &words) {
  if (forbidden.holds(RemoteAddr(stack.regs.rip)))
    return Scan::hit;
  // Without a gap up to the end: nothing of it went unread.
  if (stack.range.empty() || stack.content.size() != stack.range.size())
    return Scan::partial;
  size_t count = stack.content.size() / kWord;
  words += count;
  for (size_t i = 0; i < count; i++) {
    uint64_t word = word_at(stack.content, i);
    if (forbidden.may_lead_into(word))
      return Scan::hit;
    if (word != kUserSegments && word != kOldUserSegments)
      continue;
    std::optional<uint64_t> sp = interrupted_sp(stack.content, i);
    RemoteAddr here = stack.range.begin + i * kWord;
    if (sp && (RemoteAddr(*sp) < here || stack.range.end < RemoteAddr(*sp)))
      return Scan::partial;
  }
  return Scan::clean;
}

} // namespace care
