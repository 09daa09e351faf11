// SPDX-License-Identifier: GPL-2.0-or-later
//
// A core is a file from anywhere: whatever it says, nothing is read outside it.
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <elf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/target/core_patches.h"

namespace care {
namespace {

constexpr uint64_t kAt = 0x10000000;

// A header and two segments that adjoin, "aaaa" and "bbbb", the second longer than the
// file holds of it.
std::string example() {
  Elf64_Ehdr header{};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_type = ET_CORE;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 2;
  Elf64_Phdr segments[2]{};
  uint64_t data = sizeof header + sizeof segments;
  segments[0] = {PT_LOAD, PF_R, data, kAt, 0, 4, 4, 1};
  segments[1] = {PT_LOAD, PF_R | PF_W, data + 4, kAt + 4, 0, 4, 8, 1};
  std::string bytes(reinterpret_cast<const char *>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char *>(segments), sizeof segments);
  return bytes + "aaaabbbb";
}

class Core : public testing::Test {
 protected:
  ~Core() override { unlink(path_.c_str()); }
  CoreFile open(const std::string &bytes) {
    write_file(path_, bytes);
    return CoreFile(path_);
  }
  std::string path_ =
      std::filesystem::temp_directory_path() / ("libcare-core." + std::to_string(getpid()));
};

TEST_F(Core, ReadsAcrossSegmentsAndNotBehindThem) {
  CoreFile core = open(example());
  char buffer[16]{};
  EXPECT_EQ(core.read_some(RemoteAddr(kAt + 2), buffer, 16), 6u);
  EXPECT_STREQ(buffer, "aabbbb");
  EXPECT_EQ(core.read_some(RemoteAddr(kAt + 8), buffer, 1), 0u) << "in memory, not in the file";
  EXPECT_EQ(core.read_some(RemoteAddr(kAt - 1), buffer, 1), 0u);
}

TEST_F(Core, MayBeCutOff) {
  std::string bytes = example();
  CoreFile core = open(bytes.substr(0, bytes.size() - 6));
  char buffer[16]{};
  EXPECT_EQ(core.read_some(RemoteAddr(kAt), buffer, 16), 2u);
  EXPECT_THROW(open(bytes.substr(0, 100)), Error);
  EXPECT_THROW(open("no core"), Error);
}

TEST_F(Core, SurvivesAnyDamage) {
  std::string good = example();
  srand(1);
  for (int i = 0; i < 500; i++) {
    std::string bad = good;
    for (int k = rand() % 4 + 1; k > 0; k--)
      bad[static_cast<size_t>(rand()) % bad.size()] = static_cast<char>(rand());
    try {
      CoreFile core = open(bad);
      char buffer[64];
      for (const CoreSegment &s : core.segments())
        core.read_some(s.range.begin, buffer, sizeof buffer);
      find_regions(core);
    } catch (const Error &) {
    }
  }
}

} // namespace
} // namespace care
