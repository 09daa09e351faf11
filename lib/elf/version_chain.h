// SPDX-License-Identifier: GPL-2.0-or-later
//
// The chains of GNU symbol versions: what an object requires (Elf64_Verneed, each with
// several Elf64_Vernaux) and what it defines (Elf64_Verdef, whose first Elf64_Verdaux is
// the name). LSB Core, "Symbol Versioning".
//
// Distances in a chain are unsigned: it only goes forward. A count bounds each walk as
// well, since the bytes may be a stranger's.
#pragma once

#include <cstdint>
#include <functional>

#include "lib/elf/byte_source.h"

namespace care {

struct VersionEntry {
  uint16_t number = 0;      // that .gnu.version holds for symbols of this version
  uint32_t name_offset = 0; // in the string table
};

// Bits of a .gnu.version word that are the number; the other one hides the symbol.
inline constexpr uint16_t kVersionNumberMask = 0x7fff;

// A walk ends after `count` entries, at the end of the chain, or when `visit` returns
// false. Throws Error where the source does.
using VersionVisit = std::function<bool(const VersionEntry &)>;
void for_each_required(ByteSource &source, uint64_t begin, uint64_t count,
                       const VersionVisit &visit);
// The base definition, which names the object itself, is passed over.
void for_each_defined(ByteSource &source, uint64_t begin, uint64_t count,
                      const VersionVisit &visit);

} // namespace care
