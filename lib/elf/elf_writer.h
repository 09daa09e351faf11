// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writes a relocatable ELF file from sections held in memory.
//
// A thin layer over libelf: it lays out the file and keeps the section name
// table; what the sections mean is the caller's business. The whole file is
// made in memory first, so that a failure leaves nothing behind.
#pragma once

#include <cstdint>
#include <elf.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace care {

// A string table under construction; offset 0 is the empty string.
class StringTable {
 public:
  uint32_t add(std::string_view text); // equal strings share one place
  const std::string &bytes() const { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
  std::unordered_map<std::string, uint32_t> known_;
};

struct OutputSection {
  std::string name;
  uint32_t type = SHT_PROGBITS;
  uint64_t flags = 0;
  uint64_t addr = 0;
  uint64_t align = 1;
  uint64_t entsize = 0;
  uint32_t link = 0;
  uint32_t info = 0;
  std::string bytes;
  uint64_t nobits_size = 0; // for SHT_NOBITS
};

// ET_REL, EM_X86_64. sections[i] becomes section number i + 1; the section name
// table is added behind them.
std::string relocatable_file(const std::vector<OutputSection> &sections);

} // namespace care
