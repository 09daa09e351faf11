// SPDX-License-Identifier: GPL-2.0-or-later
//
// Notes, dynamic sections, version chains and program headers out of bytes that a test
// writes: whole, cut off, and hostile.
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/elf/byte_source.h"
#include "lib/elf/dynamic_section.h"
#include "lib/elf/notes.h"
#include "lib/elf/program_headers.h"
#include "lib/elf/version_chain.h"

namespace care {

namespace {

template<typename T>
std::string raw(const T &value) {
  return std::string(reinterpret_cast<const char *>(&value), sizeof value);
}

std::vector<uint16_t> required_numbers(const std::string &bytes, uint64_t count) {
  TextSource source(bytes, "versions");
  std::vector<uint16_t> numbers;
  for_each_required(source, 0, count, [&](const VersionEntry &entry) {
    numbers.push_back(entry.number);
    return true;
  });
  return numbers;
}

TEST(Notes, PadsAsTheSegmentSays) {
  // With 8: a header of 12 and a name of 4 end at 16, the descriptor of 4 at 20, the next at 24.
  std::string first = raw(Elf64_Nhdr{4, 4, 5}) + std::string("GNU\0abcd", 8);
  std::string bytes = first + std::string(4, '\0') + first;
  std::vector<std::string> seen;
  auto visit = [&](const Note &note) { seen.emplace_back(note.descriptor); };
  EXPECT_TRUE(for_each_note(bytes, visit, 8));
  EXPECT_EQ(seen, (std::vector<std::string>{"abcd", "abcd"}));
  EXPECT_FALSE(for_each_note(bytes.substr(0, bytes.size() - 1), visit, 8));
}

TEST(DynamicSection, EndsAtNullOrWithTheBytes) {
  std::string bytes = raw(Elf64_Dyn{DT_SONAME, {7}}) + raw(Elf64_Dyn{DT_NEEDED, {9}});
  EXPECT_EQ(dynamic_entries(bytes).size(), 2u);
  EXPECT_EQ(dynamic_entries(bytes + "cut").size(), 2u);
  bytes += raw(Elf64_Dyn{DT_NULL, {0}}) + raw(Elf64_Dyn{DT_DEBUG, {1}});
  EXPECT_EQ(find_entry(dynamic_entries(bytes), DT_NEEDED), 9u);
  EXPECT_EQ(find_entry(dynamic_entries(bytes), DT_DEBUG), std::nullopt);
  EXPECT_EQ(dynamic_entries(raw(Elf32_Dyn{DT_SONAME, {5}}), false).at(0).value, 5u);
}

TEST(VersionChain, ReadsSeveralNamesOfSeveralFiles) {
  std::string bytes = raw(Elf64_Verneed{1, 2, 0, 16, 48}) + raw(Elf64_Vernaux{0, 0, 2, 0, 16}) +
                      raw(Elf64_Vernaux{0, 0, 0x8003, 0, 0}) + raw(Elf64_Verneed{1, 1, 0, 16, 0}) +
                      raw(Elf64_Vernaux{0, 0, 4, 0, 0});
  EXPECT_EQ(required_numbers(bytes, 99), (std::vector<uint16_t>{2, 3, 4}));
  EXPECT_EQ(required_numbers(bytes, 1), (std::vector<uint16_t>{2, 3}));
}

TEST(VersionChain, IsBoundedWhereItIsAStrangers) {
  // An entry that goes on to itself by a distance that wraps cannot be written: distances
  // are unsigned. One that leaves the bytes ends the walk with an error.
  std::string bytes =
      raw(Elf64_Verneed{1, 1, 0, 16, 0xfffffff0}) + raw(Elf64_Vernaux{0, 0, 2, 0, 0});
  EXPECT_THROW(required_numbers(bytes, 99), Error);
  // The names of one file at one place, 65535 times: bounded by vn_cnt.
  bytes = raw(Elf64_Verneed{1, 0xffff, 0, 16, 0}) + raw(Elf64_Vernaux{0, 0, 2, 0, 0});
  EXPECT_EQ(required_numbers(bytes, 99).size(), 0xffffu);
}

TEST(VersionChain, PassesOverTheNameOfTheObject) {
  std::string bytes = raw(Elf64_Verdef{1, VER_FLG_BASE, 1, 1, 0, 20, 28}) +
                      raw(Elf64_Verdaux{1, 0}) + raw(Elf64_Verdef{1, 0, 2, 1, 0, 20, 0}) +
                      raw(Elf64_Verdaux{11, 0});
  TextSource source(bytes, "versions");
  std::vector<uint32_t> names;
  for_each_defined(source, 0, 99, [&](const VersionEntry &entry) {
    names.push_back(entry.name_offset);
    return true;
  });
  EXPECT_EQ(names, (std::vector<uint32_t>{11}));
}

Elf64_Ehdr image_header(uint16_t segments) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_machine = EM_X86_64;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = segments;
  header.e_phoff = sizeof header;
  return header;
}

TEST(ProgramHeaders, AreReadWhole) {
  std::string bytes = raw(image_header(2)) + std::string(2 * sizeof(Elf64_Phdr), '\0');
  TextSource source(bytes, "image");
  std::optional<Elf64_Ehdr> header = read_elf_header(source, 0);
  ASSERT_TRUE(header);
  EXPECT_EQ(read_program_headers(source, 0, *header, 2)->size(), 2u);
  EXPECT_FALSE(read_program_headers(source, 0, *header, 1));
  std::string_view cut(bytes.data(), bytes.size() - 1);
  TextSource short_source(cut, "image");
  EXPECT_FALSE(read_program_headers(short_source, 0, *header, 2));
}

TEST(ProgramHeaders, MoreThanTheHeaderCanSay) {
  Elf64_Ehdr header = image_header(PN_XNUM);
  Elf64_Shdr first{};
  first.sh_info = 3;
  header.e_shoff = sizeof header;
  header.e_phoff = sizeof header + sizeof first;
  std::string bytes = raw(header) + raw(first) + std::string(3 * sizeof(Elf64_Phdr), '\0');
  TextSource source(bytes, "image");
  EXPECT_EQ(read_program_headers(source, 0, header, 100)->size(), 3u);
}

TEST(ProgramHeaders, OfAnotherMachineAreNone) {
  Elf64_Ehdr header = image_header(0);
  header.e_machine = EM_AARCH64;
  std::string bytes = raw(header);
  TextSource source(bytes, "image");
  EXPECT_FALSE(read_elf_header(source, 0));
}

} // namespace

} // namespace care
