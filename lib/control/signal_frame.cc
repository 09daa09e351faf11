// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/control/signal_frame.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include <cpuid.h>

#include "lib/base/units.h"

namespace care {

namespace {

// uapi/asm/sigcontext.h
constexpr uint32_t kXstateMagic1 = 0x46505853;
constexpr uint32_t kXstateMagic2 = 0x46505845;
constexpr uint64_t kSoftwareBytes = 464; // of struct _fpx_sw_bytes in the legacy area
constexpr uint64_t kLegacySize = 512;
constexpr uint64_t kXsaveHeader = 64;
// XTILEDATA: part of the state only of those who asked for it (arch_prctl).
constexpr uint64_t kDynamicFeatures = uint64_t{1} << 18;
// uapi/asm/ucontext.h
constexpr uint64_t kUcFpXstate = 1;
constexpr uint64_t kUcSigcontextSs = 2;
constexpr uint64_t kUcStrictRestoreSs = 4;

struct Sigcontext {
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15, di, si, bp, bx, dx, ax, cx, sp, ip, flags;
  uint16_t cs, gs, fs, ss;
  uint64_t err, trapno, oldmask, cr2, fpstate;
  uint64_t reserved[8];
};

struct Frame {
  uint64_t return_address;
  uint64_t uc_flags, uc_link;
  uint64_t alternate_stack[3]; // zeros: sigreturn leaves it as it is (too small to be set)
  Sigcontext context;
  uint64_t mask;
  uint8_t siginfo[128];
};
static_assert(offsetof(Frame, siginfo) == 312);

struct SoftwareBytes { // struct _fpx_sw_bytes
  uint32_t magic1;
  uint32_t extended_size;
  uint64_t features;
  uint32_t size;
  uint32_t zero[7];
};
static_assert(sizeof(SoftwareBytes) == kLegacySize - kSoftwareBytes);

template<typename T>
T load(const std::vector<std::byte> &bytes, uint64_t offset) {
  T value{};
  memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// What of the XSAVE area the kernel puts into this thread's frames.
struct Extent {
  uint64_t features = 0;
  uint64_t size = kLegacySize + kXsaveHeader;
};

Extent extent_of(const std::vector<std::byte> &vectors) {
  Extent extent;
  extent.features = load<uint64_t>(vectors, kSoftwareBytes); // ptrace leaves the enabled ones here
  auto used = load<uint64_t>(vectors, kLegacySize);          // XSTATE_BV
  if ((used & kDynamicFeatures) == 0)
    extent.features &= ~kDynamicFeatures;
  for (uint32_t i = 2; i < 63; i++) {
    uint32_t size = 0;
    uint32_t offset = 0;
    uint32_t ecx = 0;
    uint32_t edx = 0;
    if ((extent.features >> i & 1) != 0 && __get_cpuid_count(0xd, i, &size, &offset, &ecx, &edx))
      extent.size = std::max<uint64_t>(extent.size, uint64_t{offset} + size);
  }
  extent.size = std::min<uint64_t>(extent.size, vectors.size());
  return extent;
}

// The area and the second magic behind it.
std::string xsave_area(const std::vector<std::byte> &vectors) {
  Extent extent = extent_of(vectors);
  std::string area(reinterpret_cast<const char *>(vectors.data()), extent.size);
  SoftwareBytes software{kXstateMagic1,
                         static_cast<uint32_t>(extent.size + sizeof kXstateMagic2),
                         extent.features,
                         static_cast<uint32_t>(extent.size),
                         {}};
  memcpy(area.data() + kSoftwareBytes, &software, sizeof software);
  area.append(reinterpret_cast<const char *>(&kXstateMagic2), sizeof kXstateMagic2);
  return area;
}

uint64_t xsave_place(const ThreadState &state) {
  uint64_t size = extent_of(state.vectors).size + sizeof kXstateMagic2;
  return (state.regs.rsp - kRedZone - size) & ~uint64_t{63};
}

} // namespace

std::optional<SignalFrame> place_frame(const ThreadState &state, const MemoryMap &map) {
  // At the function's entry %rsp + 8 is a multiple of 16.
  SignalFrame frame{RemoteAddr(((xsave_place(state) - sizeof(Frame)) & ~uint64_t{15}) - 8)};
  RemoteAddr sp(state.regs.rsp);
  const Mapping *stack = find_mapping(map, sp);
  if (!stack || !stack->write || stack->range.begin > frame.at)
    return std::nullopt;
  // The thread control block stands at the top of a thread's stack (glibc, musl).
  RemoteAddr block(state.regs.fs_base);
  bool own = stack->path == "[stack]" || (sp < block && stack->range.contains(block));
  return own ? std::optional<SignalFrame>(frame) : std::nullopt;
}

void write_frame(const SignalFrame &frame, const ThreadState &state, const user_regs_struct &regs,
                 RemoteAddr trampoline, const RemoteMemory &memory) {
  uint64_t vectors = xsave_place(state);
  Frame f{};
  f.return_address = trampoline.value;
  f.uc_flags = kUcFpXstate | kUcSigcontextSs | kUcStrictRestoreSs;
  f.context = {regs.r8,
               regs.r9,
               regs.r10,
               regs.r11,
               regs.r12,
               regs.r13,
               regs.r14,
               regs.r15,
               regs.rdi,
               regs.rsi,
               regs.rbp,
               regs.rbx,
               regs.rdx,
               regs.rax,
               regs.rcx,
               regs.rsp,
               regs.rip,
               regs.eflags,
               static_cast<uint16_t>(regs.cs),
               0,
               0,
               static_cast<uint16_t>(regs.ss),
               0,
               0,
               0,
               0,
               vectors,
               {}};
  f.mask = state.mask;
  std::string bytes(reinterpret_cast<const char *>(&f), sizeof f);
  bytes.resize(vectors - frame.at.value, '\0');
  bytes += xsave_area(state.vectors);
  memory.write(frame.at, bytes);
}

} // namespace care
