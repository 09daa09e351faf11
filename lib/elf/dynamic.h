// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the dynamic linker will do to a linked file: its dynamic relocations by
// the place they write, .rela.dyn, .rela.plt and packed .relr.dyn alike, with
// symbol names and versions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/elf/elf_file.h"

namespace care {

struct DynamicSymbol {
  std::string name;
  std::string version; // empty when unversioned
  ElfSymbol symbol;
  std::string text() const { return version.empty() ? name : name + "@" + version; }
};

struct DynamicRelocation {
  LinkAddr place;
  uint32_t type = 0;                     // R_X86_64_RELATIVE, GLOB_DAT, JUMP_SLOT, ...
  int64_t addend = 0;                    // an address for RELATIVE and IRELATIVE
  const DynamicSymbol *symbol = nullptr; // null when it names none
};

// Holds pointers into itself: not copyable.
class DynamicTables {
 public:
  explicit DynamicTables(const ElfFile &elf);
  DynamicTables(const DynamicTables &) = delete;
  DynamicTables &operator=(const DynamicTables &) = delete;

  // The relocation that writes the 8 bytes at `place`, or null.
  const DynamicRelocation *at(LinkAddr place) const;
  const std::map<LinkAddr, DynamicRelocation> &relocations() const { return by_place_; }
  const std::vector<DynamicSymbol> &symbols() const { return symbols_; }

 private:
  void add_rela(const ElfFile &elf, const ElfSection &section);
  void add_relr(const ElfFile &elf, const ElfSection &section);
  void add_packed(const ElfFile &elf, LinkAddr place);

  std::vector<DynamicSymbol> symbols_; // by index in .dynsym
  std::map<LinkAddr, DynamicRelocation> by_place_;
};

// The texts of all entries with `tag` (DT_NEEDED, DT_RPATH, ...) in .dynamic, in order.
std::vector<std::string> dynamic_strings(const ElfFile &elf, int64_t tag);

// DT_SONAME, "" when there is none.
std::string soname_of(const ElfFile &elf);

} // namespace care
