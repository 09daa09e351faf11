// SPDX-License-Identifier: GPL-2.0-or-later
//
// A linked executable or shared object together with what can be asked about
// it: its symbols by address, what the dynamic linker will do, and which of its
// sections the linker made up (synthetic: .plt, .got, .dynsym ...), as opposed
// to those that came from the compiler and whose layout must not move.
#pragma once

#include <string>
#include <vector>

#include "lib/elf/dynamic.h"
#include "lib/elf/elf_file.h"

namespace care::tool {

// .kpatch.*: appended by kpatch_gensrc.
bool is_patch_section(const ElfSection &section);
// PLT stubs; GOT slots; every section that the linker generates by itself.
bool is_plt(const ElfSection &section);
bool is_got(const ElfSection &section);
bool is_synthetic(const ElfSection &section);

class LinkedFile {
 public:
  explicit LinkedFile(const std::string &path);

  ElfFile elf;
  DynamicTables dynamic;
  std::vector<ElfSymbol> symbols; // of .symtab; empty in a stripped file

  // The function or object symbol at exactly this address: the one of that name
  // when there are several, else one with a size. Null when there is none.
  const ElfSymbol *symbol_at(LinkAddr addr, std::string_view name = {}) const;
  // The last one that begins at or before this address, or null.
  const ElfSymbol *symbol_around(LinkAddr addr) const;
  // ".text+0x120 (foo+0x10)", for messages.
  std::string describe(LinkAddr addr) const;
  // Error unless this is an executable or a shared object.
  void require_linked() const;

 private:
  std::vector<uint32_t> by_address_; // functions and objects
};

} // namespace care::tool
