// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/code_map.h"

#include <algorithm>
#include <cstring>

#include "lib/x86/decoder.h"
#include "lib/x86/plt.h"

namespace care {

namespace {

constexpr uint8_t kIndirectJump = 0xff; // behind a prefix perhaps

} // namespace

CodeMap::CodeMap(const MemoryMap &map, const std::vector<UnwindTable> &tables,
                 const RemoteMemory &memory)
    : tables_(tables), code_(memory) {
  for (const Mapping &m : map) {
    if (!m.exec || m.path == "[vsyscall]")
      continue;
    ranges_.push_back(m.range);
    uint64_t last = (m.range.end.value - 1) >> kBlockShift;
    for (uint64_t b = m.range.begin.value >> kBlockShift; b <= last; b++)
      blocks_[b % kBlocks / 64] |= uint64_t{1} << (b % 64);
  }
}

bool CodeMap::executable(RemoteAddr at) const {
  auto it = std::upper_bound(ranges_.begin(), ranges_.end(), at,
                             [](RemoteAddr a, const RemoteRange &r) { return a < r.end; });
  return it != ranges_.end() && it->contains(at);
}

bool CodeMap::is_return_address(RemoteAddr at) {
  if (at.value <= kLongestCall || !executable(at - 1))
    return false;
  auto [it, fresh] = known_.try_emplace(at.value, false);
  if (fresh)
    it->second = judge(at);
  return it->second;
}

bool CodeMap::judge(RemoteAddr at) {
  return call_to(at) && !starts_function(at);
}

std::optional<CallSite> CodeMap::call_to(RemoteAddr return_address) {
  char code[kLongestCall];
  // The first bytes of a segment have fewer in front of them.
  for (size_t size = kLongestCall; size >= 2; size--) {
    if (!executable(return_address - size) || !code_.try_read(return_address - size, code, size))
      continue;
    std::optional<CallSite> call = call_before({code, size}, return_address.value);
    if (call && call->target && !executable(RemoteAddr(*call->target)))
      call.reset();
    return call;
  }
  return std::nullopt;
}

bool CodeMap::starts_function(RemoteAddr at) {
  const UnwindTable *table = find_table(tables_, at);
  std::optional<SearchTable> search;
  if (table)
    search = read_search_table(*table, code_);
  if (!search)
    return false;
  uint64_t low = 0;
  uint64_t high = search->count;
  while (low < high) {
    uint64_t middle = (low + high) / 2;
    int32_t offset;
    if (!code_.try_read(search->entries + middle * 8, &offset, sizeof offset))
      return false;
    RemoteAddr begin(table->eh_frame_hdr.value + static_cast<uint64_t>(int64_t{offset}));
    if (begin == at)
      return true;
    if (begin < at)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

bool CodeMap::is_signal_return(RemoteAddr at) {
  constexpr std::string_view kForms[] = {
      std::string_view("\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05", 9), // glibc, musl
      std::string_view("\xb8\x0f\x00\x00\x00\x0f\x05", 7)};
  return std::any_of(std::begin(kForms), std::end(kForms), [&](std::string_view form) {
    char code[16];
    return code_.try_read(at, code, form.size()) && form == std::string_view(code, form.size());
  });
}

// Slots are not remembered: lazy binding fills them while the target runs.
RemoteAddr CodeMap::stored(uint64_t slot) const {
  uint64_t value = 0;
  size_t got = code_.memory().read_some(RemoteAddr(slot), &value, sizeof value);
  return got == sizeof value ? RemoteAddr(value) : RemoteAddr();
}

RemoteAddr CodeMap::callee(RemoteAddr return_address) {
  std::optional<CallSite> call = call_to(return_address);
  if (call && call->slot)
    return stored(*call->slot);
  if (!call || !call->target)
    return {};
  char stub[kStubSize];
  RemoteAddr target(*call->target);
  if (!code_.try_read(target, stub, sizeof stub))
    return target;
  std::optional<uint64_t> slot = plt_slot({stub, sizeof stub}, target.value);
  return slot ? stored(*slot) : target;
}

RemoteAddr CodeMap::behind_jump(RemoteAddr function) {
  char bytes[64];
  if (!code_.try_read(function, bytes, sizeof bytes))
    return function;
  std::string_view code(bytes, sizeof bytes);
  while (!code.empty()) {
    std::optional<Instruction> instruction = decode(code);
    if (!instruction)
      return function;
    RemoteAddr next = function + (sizeof bytes - code.size()) + instruction->length;
    if (instruction->ends_flow) {
      uint64_t distance = static_cast<uint64_t>(instruction->branch_distance);
      if (instruction->relative_branch)
        return next + distance;
      bool through_slot = instruction->rip_operand && !instruction->call;
      if (through_slot)
        return stored(next.value + static_cast<uint64_t>(instruction->rip_distance));
      bool indirect = static_cast<uint8_t>(code[0]) == kIndirectJump ||
                      static_cast<uint8_t>(code[1]) == kIndirectJump;
      return indirect ? RemoteAddr() : function;
    }
    code.remove_prefix(instruction->length);
  }
  return function;
}

} // namespace care
