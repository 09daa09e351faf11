// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstring>

#include <elf.h>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/resolve/relocate.h"
#include "lib/target/redirect.h"

namespace care {
namespace {

PatchFile one_relocation(uint32_t type, RelocationTarget target, int64_t addend = 0) {
  PatchFile patch;
  patch.image_size = 4096;
  patch.sections.push_back(
      {".kpatch.text", Group::text, 0, 64, 16, false, std::string(64, '\x90')});
  patch.imports.push_back({"puts", "GLIBC_2.2.5", ImportKind::function, false});
  patch.relocations.push_back({8, type, target, addend, "symbol"});
  return patch;
}

template<typename T>
T field(const std::string &image) {
  T value;
  memcpy(&value, image.data() + 8, sizeof value);
  return value;
}

const Relocations kHigh{RemoteAddr(0x7f0000000000), {0x7f0010000000}, {0x7f0020000000}};
const Relocations kLow{RemoteAddr(0x300000), {0}, {0x7f0020000000}};

TEST(Relocate, ResolvesTheThreeKinds) {
  EXPECT_EQ(
      field<uint64_t>(relocate_image(one_relocation(R_X86_64_64, InsideTarget{0x20}, 1), kHigh)),
      0x7f0000000021u);
  EXPECT_EQ(field<uint64_t>(
                relocate_image(one_relocation(R_X86_64_64, ModuleTarget{LinkAddr(0x10)}), kHigh)),
            0x7f0010000010u);
  EXPECT_EQ(field<uint64_t>(relocate_image(one_relocation(R_X86_64_64, ImportTarget{0}), kHigh)),
            0x7f0020000000u);
}

TEST(Relocate, MeasuresFromThePlace) {
  EXPECT_EQ(field<int32_t>(relocate_image(
                one_relocation(R_X86_64_PC32, ModuleTarget{LinkAddr(0x100)}, -4), kHigh)),
            0x10000100 - 8 - 4);
  std::string image = relocate_image(one_relocation(R_X86_64_PC32, InsideTarget{0}, -4), kHigh);
  EXPECT_EQ(field<int32_t>(image), -12);
  EXPECT_EQ(image[12], '\x90'); // nothing behind the field
}

TEST(Relocate, RefusesWhatDoesNotFitAndSaysWhat) {
  try {
    relocate_image(one_relocation(R_X86_64_PC32, ImportTarget{0}), kLow);
    FAIL();
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::does_not_fit);
    EXPECT_NE(e.message().find("puts@GLIBC_2.2.5"), std::string::npos) << e.message();
    EXPECT_NE(e.message().find("R_X86_64_PC32"), std::string::npos) << e.message();
  }
  EXPECT_THROW(relocate_image(one_relocation(R_X86_64_32, InsideTarget{0}), kHigh), Error);
  EXPECT_THROW(relocate_image(one_relocation(R_X86_64_32S, InsideTarget{0}), kHigh), Error);
  EXPECT_NO_THROW(relocate_image(one_relocation(R_X86_64_32, InsideTarget{0}), kLow));
  EXPECT_NO_THROW(relocate_image(one_relocation(R_X86_64_32S, InsideTarget{0}), kLow));
}

TEST(Relocate, KnowsWhichPatchesHaveToLieLow) {
  EXPECT_TRUE(needs_low_addresses(one_relocation(R_X86_64_32S, InsideTarget{0})));
  EXPECT_FALSE(needs_low_addresses(one_relocation(R_X86_64_32, ModuleTarget{})));
  EXPECT_FALSE(needs_low_addresses(one_relocation(R_X86_64_64, InsideTarget{0})));
}

// The object's block 0x100 below the thread pointer, the import's 0x200 below it,
// the patch's 0x300.
Relocations with_tls() {
  Relocations values = kHigh;
  values.imports = {0x18}; // offset in the definer's block
  values.module_tls = {3, -0x100, "server"};
  values.import_tls = {{5, -0x200, "libother.so"}};
  values.own_tls = -0x300;
  return values;
}

int64_t tls_field(uint32_t type, RelocationTarget target, const Relocations &values) {
  return field<int64_t>(relocate_image(one_relocation(type, target, 4), values));
}

TEST(Relocate, FindsThreadLocalVariables) {
  Relocations values = with_tls();
  EXPECT_EQ(tls_field(R_X86_64_TPOFF64, ModuleTlsTarget{8}, values), -0x100 + 8 + 4);
  EXPECT_EQ(tls_field(R_X86_64_TPOFF64, ImportTarget{0}, values), -0x200 + 0x18 + 4);
  EXPECT_EQ(tls_field(R_X86_64_TPOFF64, OwnTlsTarget{16}, values), -0x300 + 16 + 4);
  EXPECT_EQ(tls_field(R_X86_64_DTPMOD64, ModuleTlsTarget{8}, values), 3);
  EXPECT_EQ(tls_field(R_X86_64_DTPMOD64, ImportTarget{0}, values), 5);
  EXPECT_EQ(tls_field(R_X86_64_DTPOFF64, ModuleTlsTarget{8}, values), 8 + 4);
  EXPECT_EQ(tls_field(R_X86_64_DTPOFF64, ImportTarget{0}, values), 0x18 + 4);
  // The patch's own variable, measured from the object's block.
  EXPECT_EQ(tls_field(R_X86_64_DTPOFF64, OwnTlsTarget{16}, values), 0x100 - 0x300 + 16 + 4);
}

TEST(Relocate, RefusesAFixedPlaceThatDoesNotExist) {
  Relocations values = with_tls();
  values.module_tls.offset.reset();
  values.import_tls[0].offset.reset();
  for (RelocationTarget target : {RelocationTarget(ModuleTlsTarget{8}), {ImportTarget{0}}})
    EXPECT_THROW(tls_field(R_X86_64_TPOFF64, target, values), Error);
  EXPECT_THROW(tls_field(R_X86_64_DTPOFF64, OwnTlsTarget{0}, values), Error);
  EXPECT_EQ(tls_field(R_X86_64_DTPMOD64, ModuleTlsTarget{8}, values), 3);
  values.module_tls.module = 0;
  EXPECT_THROW(tls_field(R_X86_64_DTPMOD64, ModuleTlsTarget{8}, values), Error);
}

TEST(Redirect, EncodesJumpsBothWaysAndRefusesFarOnes) {
  JumpBytes forth = encode_jump(RemoteAddr(0x1000), RemoteAddr(0x2000));
  EXPECT_EQ(forth, (JumpBytes{0xe9, 0xfb, 0x0f, 0, 0}));
  EXPECT_EQ(encode_jump(RemoteAddr(0x2000), RemoteAddr(0x2000)),
            (JumpBytes{0xe9, 0xfb, 0xff, 0xff, 0xff}));
  EXPECT_THROW(encode_jump(RemoteAddr(0), RemoteAddr(uint64_t{1} << 32)), Error);
}

} // namespace
} // namespace care
