// SPDX-License-Identifier: GPL-2.0-or-later
//
// The .kpatch format: what is written is read back, and nothing that a stranger
// may put into a file gets the reader to do anything but say no.
#include <elf.h>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/patchfile/patch_reader.h"
#include "lib/patchfile/patch_writer.h"

namespace care {
namespace {

// A patch that has one of everything.
PatchFile sample() {
  PatchFile p;
  p.metadata = {
      std::string(20, '\x5a'),
      "server",
      7,
      "fixes it",
      "test",
      0,
      {{"limit", "size 4 -> 8", "unused"}},
      "fix-1.2",
      {".text+0x4 (version+0x4): other bytes", ".rodata+0x10: other bytes in the target"}};
  p.sections = {
      {".kpatch.text", Group::text, 0, 64, 16, false, std::string(64, '\x90')},
      {".kpatch.rodata", Group::rodata, 4096, 16, 8, false, std::string(16, 'r')},
      {".kpatch.got", Group::rodata, 4112, 16, 8, false, std::string(16, '\0')},
      {".kpatch.data", Group::data, 8192, 8, 8, false, std::string(8, 'd')},
      {".kpatch.bss", Group::data, 8200, 5000, 8, true, ""},
  };
  p.symbols = {{"f.kpatch", 0, 32, true}, {"counter", 8192, 8, false}};
  p.imports = {{"getenv", "GLIBC_2.2.5", ImportKind::function, false},
               {"maybe", "", ImportKind::any, true}};
  p.relocations = {
      {4, R_X86_64_PC32, InsideTarget{8192}, -4, "counter"},
      {12, R_X86_64_PC32, ModuleTarget{LinkAddr(0x4010)}, -4, "table"},
      {20, R_X86_64_PLT32, InsideTarget{4097}, -4, ".kpatch.rodata"},
      {4112, R_X86_64_64, ImportTarget{0}, 0, "getenv"},
      {4120, R_X86_64_64, ImportTarget{1}, 8, "maybe"},
  };
  PatchFunction f;
  f.name = "f";
  f.reason = "first instruction";
  f.source = "f.c";
  f.original = LinkAddr(0x1100);
  f.original_size = 40;
  f.original_cold = LinkAddr(0x1050);
  f.original_cold_size = 9;
  f.site = LinkAddr(0x1104);
  f.replacement = 0;
  f.replacement_size = 32;
  f.replacement_cold = 32;
  f.replacement_cold_size = 16;
  f.pad = LinkAddr(0x1130);
  f.pad_bytes = {0x0f, 0x1f, 0x44, 0, 0};
  f.digest = digest_of("hot");
  f.cold_digest = digest_of("cold");
  PatchFunction data;
  data.kind = RecordKind::new_data;
  data.name = "counter";
  data.replacement = 8192;
  data.replacement_size = 8;
  p.functions = {f, data};
  p.unsafe = {{"caller", LinkAddr(0x1200), 100}};
  p.hooks = {{MarkKind::pre_undo, "check", 16}, {MarkKind::shadow_table, "table", 8200}};
  return p;
}

Error failure_of(const std::string &bytes) {
  try {
    parse_patch_file(bytes, "x.kpatch");
  } catch (const Error &e) {
    return e;
  }
  return Error("no error", ExitCode::ok);
}

// Error of the sample after `change`.
template<typename Change>
Error failure_after(Change change) {
  PatchFile p = sample();
  change(p);
  return failure_of(patch_file_bytes(p));
}

TEST(PatchFile, WhatIsWrittenIsReadBack) {
  PatchFile p = parse_patch_file(patch_file_bytes(sample()), "x.kpatch");
  EXPECT_EQ(p.metadata.build_id, std::string(20, '\x5a'));
  EXPECT_EQ(p.metadata.object_name, "server");
  EXPECT_EQ(p.metadata.level, 7u);
  EXPECT_EQ(p.metadata.description, "fixes it");
  EXPECT_EQ(p.image_size, 8192u + 2 * 4096);
  EXPECT_EQ(p.groups[0].size, 4096u);
  EXPECT_EQ(p.groups[1].offset, 4096u);
  EXPECT_EQ(p.groups[2].offset, 8192u);
  ASSERT_EQ(p.sections.size(), 5u);
  EXPECT_EQ(p.sections[2].group, Group::rodata) << ".kpatch.got is r-- in the target";
  EXPECT_TRUE(p.sections[4].nobits);
  EXPECT_EQ(p.sections[1].bytes, std::string(16, 'r'));
  ASSERT_EQ(p.imports.size(), 2u);
  EXPECT_EQ(p.imports[0].text(), "getenv@GLIBC_2.2.5");
  EXPECT_EQ(p.imports[0].kind, ImportKind::function);
  EXPECT_TRUE(p.imports[1].weak);
  EXPECT_EQ(p.unsafe.at(0).name, "caller");
  ASSERT_EQ(p.hooks.size(), 2u);
  EXPECT_EQ(p.hooks[0].kind, MarkKind::pre_undo);
  EXPECT_EQ(p.hooks[0].name, "check");
  EXPECT_EQ(p.hooks[1].place, 8200u);
  ASSERT_EQ(p.metadata.ignored.size(), 1u);
  EXPECT_EQ(p.metadata.ignored[0].change, "size 4 -> 8");
  EXPECT_EQ(p.metadata.ignored[0].reason, "unused");
  ASSERT_EQ(p.metadata.unproved.size(), 2u);
  EXPECT_EQ(p.metadata.unproved[1], ".rodata+0x10: other bytes in the target");
}

TEST(PatchFile, HooksLieInThePatch) {
  auto message = [](auto change) { return std::string(failure_after(change).what()); };
  EXPECT_NE(message([](PatchFile &p) { p.hooks[0].place = 8192; }).find("hook check"),
            std::string::npos);
  EXPECT_NE(message([](PatchFile &p) { p.hooks[1].place = 13180; }).find("not in the patch's data"),
            std::string::npos)
      << "a table that ends behind its section";
  EXPECT_NE(message([](PatchFile &p) { p.hooks[1].place = 4096; }).find("not in the patch's data"),
            std::string::npos);
  EXPECT_NE(message([](PatchFile &p) { p.hooks[0].kind = MarkKind::unsafe; }).find("unknown kind"),
            std::string::npos);
  EXPECT_NE(message([](PatchFile &p) { p.hooks.push_back(p.hooks[1]); }).find("second shadow"),
            std::string::npos);
}

TEST(PatchFile, RelocationsKeepTheirMeaning) {
  PatchFile p = parse_patch_file(patch_file_bytes(sample()), "x.kpatch");
  ASSERT_EQ(p.relocations.size(), 5u);
  EXPECT_EQ(p.relocations[0].place, 4u);
  EXPECT_EQ(std::get<InsideTarget>(p.relocations[0].target).offset, 8192u);
  EXPECT_EQ(std::get<ModuleTarget>(p.relocations[1].target).addr, LinkAddr(0x4010));
  // No symbol lies at 4097: written against the section, the sum is the same.
  const PatchRelocation &r = p.relocations[2];
  EXPECT_EQ(static_cast<int64_t>(std::get<InsideTarget>(r.target).offset) + r.addend, 4097 - 4);
  EXPECT_EQ(std::get<ImportTarget>(p.relocations[4].target).index, 1u);
  EXPECT_EQ(p.relocations[4].addend, 8);
}

TEST(PatchFile, FunctionsAreReadBack) {
  PatchFile p = parse_patch_file(patch_file_bytes(sample()), "x.kpatch");
  ASSERT_EQ(p.functions.size(), 2u);
  EXPECT_EQ(p.functions[0].name, "f");
  EXPECT_EQ(p.functions[0].site, LinkAddr(0x1104));
  EXPECT_EQ(p.functions[0].pad, LinkAddr(0x1130));
  EXPECT_EQ(p.functions[0].pad_bytes[1], 0x1f);
  EXPECT_EQ(p.functions[0].digest, digest_of("hot"));
  EXPECT_EQ(p.functions[0].replacement_cold_size, 16u);
  EXPECT_EQ(p.functions[1].kind, RecordKind::new_data);
}

TEST(PatchFile, EmptyAndForeignFilesAreRefused) {
  EXPECT_EQ(failure_of("").code(), ExitCode::bad_input);
  EXPECT_EQ(failure_of("not an ELF file").code(), ExitCode::bad_input);
  EXPECT_THROW(read_patch_file("/nonexistent"), Error);
  EXPECT_THROW(read_patch_file("/proc/self/exe"), Error);
}

TEST(PatchFile, ImpossibleContentsAreRefusedByName) {
  auto expect = [](const Error &e, const char *text) {
    EXPECT_EQ(e.code(), ExitCode::bad_input) << e.message();
    EXPECT_NE(e.message().find("x.kpatch: "), std::string::npos);
    EXPECT_NE(e.message().find(text), std::string::npos) << e.message();
  };
  expect(failure_after([](auto &p) { p.functions[0].original_size = 4; }), "function f");
  expect(failure_after([](auto &p) { p.functions[0].site = LinkAddr(0x1127); }), "patch site");
  expect(failure_after([](auto &p) { p.functions[0].site = LinkAddr(0x10ff); }), "patch site");
  expect(failure_after([](auto &p) { p.functions[0].pad = LinkAddr(0x1194); }), "out of reach");
  expect(failure_after([](auto &p) { p.functions[0].pad = LinkAddr(0x1126); }), "overlap");
  expect(failure_after([](auto &p) { p.functions[0].replacement = 4096; }), "function f");
  expect(failure_after([](auto &p) { p.functions[0].replacement_size = 65; }), "function f");
  expect(failure_after([](auto &p) { p.functions[0].original_size = ~uint64_t{0}; }), "function f");
  expect(failure_after([](auto &p) { p.functions[1].replacement = 1 << 20; }), "counter");
  expect(failure_after([](auto &p) { p.functions.push_back(p.functions[0]); }), "overlap");
  expect(failure_after([](auto &p) { p.functions[0].flags = 1; }), "flags");
  expect(failure_after([](auto &p) { p.relocations[0].type = R_X86_64_GOTPCREL; }), "GOTPCREL");
  expect(failure_after([](auto &p) { p.relocations[0].place = 61; }), "outside");
  expect(failure_after([](auto &p) { p.metadata.build_id.clear(); }), "build-id");
  expect(failure_after([](auto &p) { p.metadata.object_name = "../x"; }), "object name");
  expect(failure_after([](auto &p) {
           p.relocations.clear();
           p.sections[1].offset = 4000; // in the page of the code
         }),
         "page");
  expect(failure_after([](auto &p) { p.sections[4].size = kMaxImageSize; }), ".kpatch.bss");
  expect(failure_after([](auto &p) { p.unsafe[0].size = 0; }), "caller");
}

TEST(PatchFile, TruncationAtEveryByteIsAnError) {
  std::string bytes = patch_file_bytes(sample());
  // The section headers end the file: whatever is missing is noticed.
  for (size_t size = 0; size < bytes.size(); size++) {
    std::string cut(bytes, 0, size); // of its own, so that reading behind it is seen
    cut.shrink_to_fit();
    EXPECT_EQ(failure_of(cut).code(), ExitCode::bad_input) << size;
  }
}

TEST(PatchFile, FlippedBytesNeverCrash) {
  std::string bytes = patch_file_bytes(sample());
  for (size_t at = 0; at < bytes.size(); at++)
    for (unsigned char flip : {0x01, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      Error e = failure_of(changed);
      EXPECT_TRUE(e.code() == ExitCode::ok || e.code() == ExitCode::bad_input ||
                  e.code() == ExitCode::unsupported)
          << at << ": " << e.message();
    }
}

} // namespace
} // namespace care
