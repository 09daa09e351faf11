// SPDX-License-Identifier: GPL-2.0-or-later
//
// Thread-local storage in the .kpatch format: read back as written, and refused
// where a relocation and its target do not belong together.
#include <elf.h>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/patchfile/patch_reader.h"
#include "lib/patchfile/patch_writer.h"

namespace care {
namespace {

PatchFile sample() {
  PatchFile p;
  p.metadata = {std::string(20, '\x5a'), "server", 0, "", "test"};
  p.sections = {
      {".kpatch.text", Group::text, 0, 64, 16, false, std::string(64, '\x90')},
      {".kpatch.got", Group::rodata, 4096, 40, 8, false, std::string(40, '\0')},
  };
  p.tls.bytes = std::string(24, 't');
  p.tls.align = 16;
  p.imports = {{"errno", "GLIBC_PRIVATE", ImportKind::tls, false},
               {"puts", "", ImportKind::function, false}};
  p.relocations = {
      {4096, R_X86_64_TPOFF64, ModuleTlsTarget{8}, 4, "own"},
      {4104, R_X86_64_DTPMOD64, ImportTarget{0}, 0, "errno"},
      {4112, R_X86_64_DTPOFF64, ImportTarget{0}, 0, "errno"},
      {4120, R_X86_64_TPOFF64, OwnTlsTarget{16}, 0, "fresh"},
  };
  p.tls.relocations = {{8, R_X86_64_64, InsideTarget{32}, 0, ""},
                       {16, R_X86_64_64, ImportTarget{1}, 0, "puts"}};
  PatchFunction f;
  f.kind = RecordKind::new_tls;
  f.name = "fresh";
  f.replacement = 16;
  f.replacement_size = 8;
  p.functions = {f};
  return p;
}

PatchFile read_back(const PatchFile &p) {
  return parse_patch_file(patch_file_bytes(p), "x.kpatch");
}

TEST(PatchFileTls, IsReadBack) {
  PatchFile p = read_back(sample());
  EXPECT_EQ(p.tls.bytes, std::string(24, 't'));
  EXPECT_EQ(p.tls.align, 16u);
  EXPECT_EQ(p.image_size, 8192u) << "no part of the image";
  EXPECT_EQ(p.imports[0].kind, ImportKind::tls);
  ASSERT_EQ(p.relocations.size(), 4u);
  EXPECT_EQ(std::get<ModuleTlsTarget>(p.relocations[0].target).offset, 8u);
  EXPECT_EQ(p.relocations[0].addend, 4);
  EXPECT_EQ(std::get<ImportTarget>(p.relocations[1].target).index, 0u);
  EXPECT_EQ(std::get<OwnTlsTarget>(p.relocations[3].target).offset, 16u);
  ASSERT_EQ(p.tls.relocations.size(), 2u);
  EXPECT_EQ(p.tls.relocations[0].place, 8u);
  EXPECT_EQ(static_cast<int64_t>(std::get<InsideTarget>(p.tls.relocations[0].target).offset) +
                p.tls.relocations[0].addend,
            32);
  EXPECT_EQ(std::get<ImportTarget>(p.tls.relocations[1].target).index, 1u);
  EXPECT_EQ(p.functions.at(0).kind, RecordKind::new_tls);
}

TEST(PatchFileTls, RefusesWhatDoesNotBelongTogether) {
  auto refused = [](auto change) {
    PatchFile p = sample();
    change(p);
    EXPECT_THROW(read_back(p), Error);
  };
  refused([](PatchFile &p) { p.relocations[0].type = R_X86_64_64; });
  refused([](PatchFile &p) { p.relocations[1].target = ImportTarget{1}; });
  refused([](PatchFile &p) { p.relocations[0].target = InsideTarget{0}; });
  refused([](PatchFile &p) { p.tls.relocations[0].type = R_X86_64_32; });
  refused([](PatchFile &p) { p.tls.relocations[0].place = 20; });
  refused([](PatchFile &p) { p.functions[0].replacement_size = 9; });
  refused([](PatchFile &p) { p.tls.align = 3; });
  refused([](PatchFile &p) { p.tls.bytes.resize(kMaxTlsSize + 1); });
}

} // namespace
} // namespace care
