// SPDX-License-Identifier: GPL-2.0-or-later
//
// What one relocation of --emit-relocs refers to.
//
// The relocation tells what the compiler asked for, the bytes tell what the linker
// made of it: GOT loads become lea, thread-local sequences become constants, calls
// go to stubs. So the bytes decide, and the relocation (with its symbol's
// section) only says how to read them.
#pragma once

#include "kpatch_tool/proof/linked_file.h"

namespace care::tool {

struct Reference {
  enum class Kind {
    nothing,     // writes nothing (R_X86_64_NONE, TLSDESC_CALL)
    constant,    // the same bytes in every link (thread-local offsets, sizes)
    address,     // bytes hold base + addend, less the place when pc_relative
    dynamic,     // 8 bytes that the dynamic linker fills: see `fill`
    unsupported, // a type that kpatch_tool does not know
  };
  Kind kind = Kind::nothing;
  unsigned width = 0;
  bool pc_relative = false;
  LinkAddr place;
  LinkAddr base; // a stub, a slot, or the thing itself
  int64_t addend = 0;
  const ElfSection *section = nullptr;     // that `base` belongs to; null: absolute
  const DynamicRelocation *fill = nullptr; // for Kind::dynamic
  const ElfSymbol *symbol = nullptr;       // as the relocation names it
  uint32_t type = 0;                       // R_X86_64_*

  // Symbol name without version, or the section's for section symbols; for messages and symbols.
  std::string name(const LinkedFile &file) const;
};

// `r` is one of the relocations that were emitted for `section` of `file`.
// Error (bad_input) when it does not fit the section.
Reference decode_reference(const LinkedFile &file, const ElfSection &section,
                           const ElfRelocation &r);

// The emitted relocations of a section, ascending by place.
std::vector<ElfRelocation> sorted_relocations(const LinkedFile &file, const ElfSection &section);

} // namespace care::tool
