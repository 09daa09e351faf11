// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/control/call_restart.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

#include <sys/syscall.h>

namespace care {

namespace {

// include/linux/errno.h
constexpr int64_t kRestartSys = -512;
constexpr int64_t kRestartNoIntr = -513;
constexpr int64_t kRestartNoHandler = -514;
constexpr int64_t kRestartBlock = -516;
constexpr uint64_t kSyscallSize = 2;

bool in_call(const user_regs_struct &regs) {
  return static_cast<int64_t>(regs.orig_rax) >= 0;
}

// Those with a restart block (kernel 6.x).
bool has_restart_block(uint64_t number) {
  return number == SYS_nanosleep || number == SYS_clock_nanosleep || number == SYS_poll ||
         number == SYS_futex || number == SYS_futex_waitv;
}

// The number that the code put into %eax before the syscall instruction at `at`.
std::optional<uint64_t> loaded_number(RemoteAddr at, const RemoteMemory &memory) {
  std::array<uint8_t, 5> code{}; // mov $imm32, %eax
  uint32_t number = 0;
  if (memory.read_some(at - code.size(), code.data(), code.size()) != code.size() ||
      code[0] != 0xb8)
    return std::nullopt;
  memcpy(&number, code.data() + 1, sizeof number);
  return has_restart_block(number) ? std::optional<uint64_t>(number) : std::nullopt;
}

} // namespace

user_regs_struct registers_for_frame(user_regs_struct regs, const RemoteMemory &memory) {
  if (!in_call(regs))
    return regs;
  std::optional<uint64_t> number = regs.orig_rax;
  switch (static_cast<int64_t>(regs.rax)) {
  case kRestartSys:
  case kRestartNoIntr:
  case kRestartNoHandler:
  case kRestartBlock:
    // As the kernel does it, but without restart_syscall: the frame ends the block.
    if (number == SYS_restart_syscall)
      number = loaded_number(RemoteAddr(regs.rip - kSyscallSize), memory);
    regs.rax = number.value_or(static_cast<uint64_t>(-EINTR));
    if (number)
      regs.rip -= kSyscallSize;
    break;
  default:
    break;
  }
  return regs;
}

bool restarts_exactly(const user_regs_struct &regs) {
  auto result = static_cast<int64_t>(regs.rax);
  return !in_call(regs) || (result != kRestartBlock && result != kRestartNoHandler);
}

} // namespace care
