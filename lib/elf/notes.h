// SPDX-License-Identifier: GPL-2.0-or-later
//
// ELF notes: build-ids, and the metadata of a .kpatch file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace care {

struct Note {
  std::string_view owner; // without the NUL
  uint32_t type = 0;
  std::string_view descriptor;
};

// Calls `visit` for each note in `bytes`; its texts point into them. Names and descriptors
// are padded to `alignment` bytes, 4 or 8 (p_align of the segment, sh_addralign of the
// section; 8 is what .note.gnu.property has). Returns false when the bytes end in the
// middle of a note; the whole ones before it were visited.
bool for_each_note(std::string_view bytes, const std::function<void(const Note &)> &visit,
                   uint64_t alignment = 4);

// One note as it lies in a file: 4-byte alignment, as the GNU tools write it.
std::string note_bytes(std::string_view owner, uint32_t type, std::string_view descriptor);

} // namespace care
