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

TEST(PatchSite, IsTheEntry) {
  EXPECT_EQ(patch_site_offset(std::string(5, '\x90')), 0u);
  EXPECT_FALSE(patch_site_offset(std::string(4, '\x90'))) << "no room";
}

TEST(PatchSite, LeavesAnEndbrAloneWhereThereIsRoom) {
  std::string code(kEndbr64);
  EXPECT_EQ(patch_site_offset(code + std::string(5, '\x90')), 4u);
  EXPECT_EQ(patch_site_offset(code + std::string(4, '\x90')), 0u);
}

TEST(PatchSite, SeesABranchIntoItsBytes) {
  // xor %eax,%eax; 2: inc %rdi; jmp 2b
  EXPECT_EQ(branch_into_site("\x31\xc0\x48\xff\xc7\xeb\xfb"_code, 0), 5u);
  // jmp to the entry itself, and beyond the jump
  EXPECT_FALSE(branch_into_site("\x31\xc0\x48\xff\xc7\xeb\xf9"_code, 0));
  EXPECT_FALSE(branch_into_site("\x31\xc0\x48\xff\xc7\xeb\xfe"_code, 0));
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
