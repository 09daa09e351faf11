// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/saved_context.h"

#include <array>
#include <cstring>

#include <fmt/format.h>

#include "lib/base/units.h"
#include "lib/coroutines/memory_scan.h"

namespace care {

namespace {

constexpr uint64_t kLargestStack = uint64_t{1} << 40;

using Regs = user_regs_struct;

std::optional<uint64_t> word_at(CachedMemory &memory, RemoteAddr at) {
  uint64_t word = 0;
  if (!memory.try_read(at, &word, sizeof word))
    return std::nullopt;
  return word;
}

// stmxcsr, 0F AE /3, with a memory operand, within the first bytes of a function.
bool stores_mxcsr(RemoteAddr function, CodeMap &code) {
  std::array<uint8_t, 64> bytes{};
  if (!code.try_read(function, bytes.data(), bytes.size()))
    return false;
  for (size_t i = 0; i + 2 < bytes.size(); i++) {
    if (bytes[i] == 0x0f && bytes[i + 1] == 0xae && (bytes[i + 2] >> 3 & 7) == 3 &&
        bytes[i + 2] >> 6 != 3)
      return true;
  }
  return false;
}

} // namespace

const char *context_text(ContextKind kind) {
  switch (kind) {
  case ContextKind::ucontext:
    return "ucontext";
  case ContextKind::fcontext:
    return "fcontext";
  case ContextKind::jump_buffer:
    return "jmp_buf";
  case ContextKind::switched:
    return "switch";
  case ContextKind::thread:
    return "thread";
  }
  return "?";
}

std::string SavedContext::text() const {
  if (kind == ContextKind::thread)
    return fmt::format("thread {}", at.value);
  return fmt::format("{} at {}", context_text(kind), at);
}

std::optional<SavedContext> read_ucontext(RemoteAddr at, CachedMemory &memory, CodeMap &code) {
  // r8 ... r15 rdi rsi rbp rbx rdx rax rcx rsp rip
  constexpr std::array kOrder = {&Regs::r8,  &Regs::r9,  &Regs::r10, &Regs::r11, &Regs::r12,
                                 &Regs::r13, &Regs::r14, &Regs::r15, &Regs::rdi, &Regs::rsi,
                                 &Regs::rbp, &Regs::rbx, &Regs::rdx, &Regs::rax, &Regs::rcx,
                                 &Regs::rsp, &Regs::rip};
  std::array<uint64_t, kOrder.size()> values{};
  uint64_t stack = 0;
  uint64_t size = 0;
  if (!memory.try_read(at + kUcontextRegisters, values.data(), sizeof values) ||
      !memory.try_read(at + kUcontextStack, &stack, sizeof stack) ||
      !memory.try_read(at + kUcontextStackSize, &size, sizeof size))
    return std::nullopt;
  SavedContext context;
  context.at = at;
  for (size_t i = 0; i < kOrder.size(); i++)
    context.regs.*kOrder[i] = values[i];
  if (word_at(memory, context.sp() - kWord) != context.regs.rip ||
      !code.is_return_address(RemoteAddr(context.regs.rip)))
    return std::nullopt;
  RemoteRange whole{RemoteAddr(stack), RemoteAddr(stack + size)};
  if (size < kLargestStack && whole.contains(context.sp()))
    context.stack = whole;
  return context;
}

std::optional<SavedContext> read_fcontext(RemoteAddr at, CachedMemory &memory, CodeMap &code) {
  // mxcsr and x87, r12 r13 r14 r15 rbx rbp rip (jump_x86_64_sysv_elf_gas.S)
  constexpr std::array kOrder = {&Regs::r12, &Regs::r13, &Regs::r14, &Regs::r15,
                                 &Regs::rbx, &Regs::rbp, &Regs::rip};
  std::array<uint64_t, kOrder.size()> values{};
  if (!memory.try_read(at + kWord, values.data(), sizeof values))
    return std::nullopt;
  SavedContext context;
  context.kind = ContextKind::fcontext;
  context.at = at;
  for (size_t i = 0; i < kOrder.size(); i++)
    context.regs.*kOrder[i] = values[i];
  context.regs.rsp = at.value + kWord * (kOrder.size() + 1);
  RemoteAddr pc(context.regs.rip);
  if (!code.is_return_address(pc))
    return std::nullopt;
  RemoteAddr switched = code.callee(pc);
  if (switched && !stores_mxcsr(switched, code))
    return std::nullopt;
  return context;
}

std::optional<SavedContext> read_jump_buffer(RemoteAddr at, uint64_t guard, CachedMemory &memory,
                                             CodeMap &code,
                                             const std::set<RemoteAddr> &long_jumps) {
  std::array<uint64_t, kJumpBufferPc / kWord + 1> values{};
  if (!memory.try_read(at, values.data(), sizeof values))
    return std::nullopt;
  SavedContext context;
  context.kind = ContextKind::jump_buffer;
  context.at = at;
  context.regs.rbx = values[0];
  context.regs.rbp = demangle(values[1], guard);
  context.regs.r12 = values[2];
  context.regs.r13 = values[3];
  context.regs.r14 = values[4];
  context.regs.r15 = values[5];
  context.regs.rsp = demangle(values[6], guard);
  context.regs.rip = demangle(values[7], guard);
  std::optional<uint64_t> left = word_at(memory, context.sp() - kWord);
  if (!left || !code.is_return_address(RemoteAddr(context.regs.rip)) ||
      !code.call_to(RemoteAddr(*left)) || !long_jumps.contains(code.callee(RemoteAddr(*left))))
    return std::nullopt;
  return context;
}

bool is_coroutine_body(std::string_view function) {
  return function.ends_with(".actor") || function.ends_with(".resume");
}

} // namespace care
