// SPDX-License-Identifier: GPL-2.0-or-later
//
// The ELF view, on this very program and on bytes made here.
#include <gtest/gtest.h>

#include "lib/elf/cfi.h"
#include "lib/elf/dynamic.h"
#include "lib/elf/elf_writer.h"
#include "lib/elf/notes.h"

namespace care {
namespace {

TEST(Notes, AreReadAsWritten) {
  std::string bytes = note_bytes("kpatch", 3, "abcde") + note_bytes("GNU", 1, "");
  std::vector<std::string> seen;
  EXPECT_TRUE(for_each_note(bytes, [&](const Note &note) {
    seen.push_back(fmt::format("{} {} {}", note.owner, note.type, note.descriptor));
  }));
  EXPECT_EQ(seen, (std::vector<std::string>{"kpatch 3 abcde", "GNU 1 "}));
}

TEST(Notes, CutOffIsNoticed) {
  std::string bytes = note_bytes("kpatch", 3, "abcd");
  for (size_t size = 1; size < bytes.size(); size++)
    EXPECT_FALSE(for_each_note(std::string_view(bytes).substr(0, size), [](const Note &) {}));
}

TEST(StringTable, SharesEqualStrings) {
  StringTable table;
  EXPECT_EQ(table.add(""), 0u);
  uint32_t first = table.add("one");
  EXPECT_NE(table.add("two"), first);
  EXPECT_EQ(table.add("one"), first);
  EXPECT_EQ(table.bytes(), std::string("\0one\0two\0", 9));
}

TEST(Writer, WritesWhatElfFileReads) {
  OutputSection text;
  text.name = ".text";
  text.flags = SHF_ALLOC | SHF_EXECINSTR;
  text.addr = 0x1000;
  text.bytes = "\x90\xc3";
  OutputSection bss;
  bss.name = ".bss";
  bss.type = SHT_NOBITS;
  bss.flags = SHF_ALLOC | SHF_WRITE;
  bss.addr = 0x2000;
  bss.nobits_size = 100;
  std::string bytes = relocatable_file({text, bss});
  ElfFile elf(bytes, "made here");
  EXPECT_EQ(elf.type(), ET_REL);
  EXPECT_EQ(elf.require(".text").bytes, "\x90\xc3");
  EXPECT_EQ(elf.require(".bss").size, 100u);
  EXPECT_EQ(elf.at(LinkAddr(0x1001)), elf.find(".text"));
  EXPECT_EQ(elf.at(LinkAddr(0x1002)), nullptr);
  EXPECT_EQ(elf.read(LinkAddr(0x1000), 2), "\x90\xc3");
  EXPECT_THROW(elf.read(LinkAddr(0x1001), 2), Error);
  EXPECT_THROW(elf.read(LinkAddr(0x2000), 1), Error) << "nobits has no contents";
  EXPECT_THROW(elf.require(".data"), Error);
}

TEST(ElfFile, ReadsThisProgram) {
  ElfFile elf("/proc/self/exe");
  EXPECT_TRUE(elf.find(".text"));
  DynamicTables dynamic(elf);
  bool found = false;
  for (const DynamicSymbol &s : dynamic.symbols())
    found |= s.name == "__libc_start_main" && s.version.starts_with("GLIBC_");
  EXPECT_TRUE(found) << "a version is read";
  EXPECT_FALSE(dynamic.relocations().empty());
}

TEST(Frames, OfThisProgramCoverItsCode) {
  ElfFile elf("/proc/self/exe");
  FrameTable table = read_frames(elf);
  ASSERT_FALSE(table.frames.empty());
  bool personality = false;
  for (const FrameEntry &frame : table.frames) {
    ASSERT_LT(frame.common, table.commons.size());
    EXPECT_TRUE(elf.at(frame.begin)) << fmt::format("{}", frame.begin);
    if (frame.lsda) {
      personality |= table.commons[frame.common].has_personality();
      EXPECT_EQ(elf.at(*frame.lsda), elf.find(".gcc_except_table"));
    }
  }
  EXPECT_TRUE(personality) << "C++ code has one";
}

TEST(ElfFile, DamagedHeadersAreErrors) {
  OutputSection s;
  s.name = ".x";
  s.bytes = "0123456789";
  std::string bytes = relocatable_file({s});
  for (size_t at = 0; at < bytes.size(); at++) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    try {
      ElfFile elf(changed, "damaged");
      for (const ElfSection &section : elf.sections())
        EXPECT_LE(section.bytes.size(), changed.size());
    } catch (const Error &) {
    }
  }
}

} // namespace
} // namespace care
