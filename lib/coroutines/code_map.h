// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a word in the target's memory can be, seen from its code: a return address
// follows a call instruction. That is what tells a stack from other memory, whatever
// library made the stack.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "lib/process/maps.h"
#include "lib/process/memory.h"
#include "lib/unwind/unwind_tables.h"
#include "lib/x86/call_site.h"

namespace care {

class CodeMap {
 public:
  // `tables` and `memory` outlive it. Code is read once and remembered.
  CodeMap(const MemoryMap &map, const std::vector<UnwindTable> &tables, const RemoteMemory &memory);

  // A filter that passes all code, and little else; for hot loops.
  bool may_be_code(uint64_t word) const {
    uint64_t block = word >> kBlockShift;
    return (blocks_[block % kBlocks / 64] >> (block % 64) & 1) != 0;
  }
  bool executable(RemoteAddr at) const;
  // Follows a call, and begins no function: an address that both follows the call in
  // which one function ends and begins the next is taken for the latter.
  bool is_return_address(RemoteAddr at);
  std::optional<CallSite> call_to(RemoteAddr return_address);
  // By the unwind tables.
  bool starts_function(RemoteAddr at);
  // The kernel's way out of a signal handler: mov $15,%eax (or %rax); syscall.
  bool is_signal_return(RemoteAddr at);
  // Where the call before `return_address` led, past a PLT stub; 0: cannot be told.
  RemoteAddr callee(RemoteAddr return_address);

  // Where `function` leads when its first instructions end in a jump: through a stored
  // pointer, or to another function; 0: through a register. Otherwise `function`.
  RemoteAddr behind_jump(RemoteAddr function);

  bool try_read(RemoteAddr at, void *buffer, size_t size) {
    return code_.try_read(at, buffer, size);
  }

 private:
  static constexpr unsigned kBlockShift = 16;
  static constexpr uint64_t kBlocks = 65536;

  bool judge(RemoteAddr at);
  RemoteAddr stored(uint64_t slot) const;

  const std::vector<UnwindTable> &tables_;
  CachedMemory code_;
  std::vector<RemoteRange> ranges_;             // executable, ascending
  std::array<uint64_t, kBlocks / 64> blocks_{}; // of 64 KiB, modulo 4 GiB
  std::unordered_map<uint64_t, bool> known_;    // is_return_address
};

} // namespace care
