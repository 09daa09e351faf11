// SPDX-License-Identifier: GPL-2.0-or-later
//
// Patch sites, stubs, and the little of decoding that they need.
#include <gtest/gtest.h>

#include "lib/x86/decoder.h"
#include "lib/x86/patch_site.h"
#include "lib/x86/plt.h"

namespace care {
namespace {

std::string_view operator""_code(const char *bytes, size_t size) {
  return {bytes, size};
}

TEST(Decoder, TellsLengthAndBranches) {
  EXPECT_EQ(decode("\x64\x8b\x04\x25\xfc\xff\xff\xff"_code)->length, 8u);
  auto jump = decode("\xeb\xfe"_code);
  ASSERT_TRUE(jump && jump->relative_branch);
  EXPECT_EQ(jump->branch_distance, -2);
  EXPECT_FALSE(decode("\xff\xe0"_code)->relative_branch) << "jmp *%rax";
  EXPECT_FALSE(decode("\xe8\x00"_code)) << "cut off";
  EXPECT_FALSE(decode(""));
  EXPECT_EQ(instruction_text("\x90"_code, 0), "nop");
  EXPECT_EQ(instruction_text("\x06"_code, 0), "(bad)");
}

TEST(Decoder, TellsPaddingAndEnds) {
  for (std::string_view nop : {"\x90"_code, "\x66\x90"_code, "\xcc"_code, "\x0f\x1f\x40\x00"_code,
                               "\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"_code})
    EXPECT_TRUE(decode(nop)->padding) << instruction_text(nop, 0);
  EXPECT_FALSE(decode("\x48\x90"_code)->ends_flow);
  EXPECT_FALSE(decode("\x87\xc0"_code)->padding) << "xchg %eax,%eax clears the upper half";
  EXPECT_FALSE(decode("\xf3\x90"_code)->padding) << "pause";
  EXPECT_FALSE(decode("\xf3\x0f\x1e\xfa"_code)->padding) << "endbr64";
  for (std::string_view end : {"\xc3"_code, "\xeb\xfe"_code, "\xff\xe0"_code, "\x0f\x0b"_code})
    EXPECT_TRUE(decode(end)->ends_flow) << instruction_text(end, 0);
  EXPECT_FALSE(decode("\x75\xfe"_code)->ends_flow);
}

TEST(Decoder, TellsAddressesTaken) {
  auto lea = decode("\x48\x8d\x05\x10\x00\x00\x00"_code);
  ASSERT_TRUE(lea && lea->rip_operand);
  EXPECT_EQ(lea->rip_distance, 0x10);
  EXPECT_FALSE(decode("\x8b\x04\x25\x10\x00\x00\x00"_code)->rip_operand) << "absolute";
  EXPECT_FALSE(decode("\x48\x8b\x45\x10"_code)->rip_operand);
}

TEST(Padding, IsWholeNopsAndTraps) {
  EXPECT_EQ(padding_length("\x66\x90\x0f\x1f\x40\x00\xcc\xc3"_code), 7u);
  EXPECT_EQ(padding_length("\x0f\x1f\x40"_code), 0u) << "cut off";
  EXPECT_EQ(padding_length(std::string(6, '\0')), 6u);
  EXPECT_EQ(padding_length(std::string("\0\0\0\1", 4)), 0u) << "zeros are only zeros to the end";
  EXPECT_EQ(padding_length(""), 0u);
}

TEST(Padding, MayBeRunInto) {
  EXPECT_TRUE(ends_flow("\x31\xc0\xc3"_code));
  EXPECT_FALSE(ends_flow("\xc3\x31\xc0"_code));
  EXPECT_FALSE(ends_flow("\xc3\x06"_code)) << "not decodable";
  EXPECT_FALSE(ends_flow(""));
}

TEST(Pad, LiesInReachOfAShortJump) {
  EXPECT_TRUE(in_short_reach(0x1000, 0x1000 + 2 + 127));
  EXPECT_FALSE(in_short_reach(0x1000, 0x1000 + 2 + 128));
  EXPECT_TRUE(in_short_reach(0x1000, 0x1000 + 2 - 128));
  EXPECT_FALSE(in_short_reach(0x1000, 0x1000 + 2 - 129));
  std::string nops(12, '\x90');
  EXPECT_EQ(find_pad(nops, 0x1003, 0x1000), 0u);
  EXPECT_EQ(find_pad(nops, 0x1000 + 2 - 130, 0x1000), 2u);
  EXPECT_FALSE(find_pad(nops, 0x1000 + 2 - 140, 0x1000));
  EXPECT_FALSE(find_pad(std::string(4, '\x90'), 0x1003, 0x1000)) << "no room";
}

TEST(Plt, FindsTheSlotOfEveryForm) {
  EXPECT_EQ(plt_slot("\xff\x25\xfa\x2f\x00\x00\x66\x90"_code, 0x1000), 0x4000u);
  EXPECT_EQ(plt_slot("\xf3\x0f\x1e\xfa\xff\x25\xf6\x2f\x00\x00"_code, 0x1000), 0x4000u);
  EXPECT_EQ(plt_slot("\xf3\x0f\x1e\xfa\xf2\xff\x25\xf5\x2f\x00\x00"_code, 0x1000), 0x4000u);
  EXPECT_FALSE(plt_slot("\xff\x35\xfa\x2f\x00\x00"_code, 0x1000)) << "push of PLT0";
  EXPECT_FALSE(plt_slot("\xff\x25\xfa"_code, 0x1000));
}

TEST(Plt, OwnStubsAreStubs) {
  char bytes[kStubSize];
  write_stub(bytes, 0x2000, 0x1010);
  EXPECT_EQ(plt_slot({bytes, kStubSize}, 0x2000), 0x1010u);
}

} // namespace
} // namespace care
