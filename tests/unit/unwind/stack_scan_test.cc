// SPDX-License-Identifier: GPL-2.0-or-later
//
// The scan of a stack by itself: what it takes for a signal frame, and what not.
#include "lib/unwind/stack_scan.h"

#include <gtest/gtest.h>

#include "lib/base/units.h"

namespace care {
namespace {

const RemoteAddr kStackBegin(0x7f00'0000'0000);
constexpr size_t kWords = 64;
// Of the ucontext's first word, and of the words in it (asm/sigcontext.h).
constexpr size_t kContext = 16;
constexpr size_t kRsp = kContext + 20;
constexpr size_t kSegments = kContext + 23;

// A stack of zeros but for two words of what would be a signal frame.
Scan scan_with(uint64_t segments, RemoteAddr interrupted) {
  std::vector<uint64_t> words(kWords);
  words[kRsp] = interrupted.value;
  words[kSegments] = segments;
  ThreadStack stack;
  stack.range = {kStackBegin, kStackBegin + kWords * kWord};
  stack.content = std::as_bytes(std::span(words));
  uint64_t looked_at = 0;
  return scan_stack(stack, ForbiddenCode({{{RemoteAddr(0x1000), RemoteAddr(0x2000)}, "f"}}),
                    looked_at);
}

const RemoteAddr kElsewhere = kStackBegin - 0x10000;
const RemoteAddr kUpwards = kStackBegin + 50 * kWord;

TEST(StackScan, KnowsASignalFrameThatLeadsElsewhere) {
  EXPECT_EQ(scan_with(0x002b'0000'0000'0033, kElsewhere), Scan::partial);
  EXPECT_EQ(scan_with(0x33, kElsewhere), Scan::partial); // of kernels before 4.7
}

TEST(StackScan, LooksOnPastASignalFrameThatLeadsUpwards) {
  EXPECT_EQ(scan_with(0x002b'0000'0000'0033, kUpwards), Scan::clean);
}

// 0x33 is in the low half of a word by chance: as a character, as a flag beside a size.
TEST(StackScan, TakesTheLowHalfAloneForNoSignalFrame) {
  for (uint64_t word : std::vector<uint64_t>{0x7f00'1234'0033, 0x0001'0033, 0x002b'0001'0000'0033,
                                             0x1'0000'0000'0033})
    EXPECT_EQ(scan_with(word, kElsewhere), Scan::clean) << std::hex << word;
}

} // namespace
} // namespace care
