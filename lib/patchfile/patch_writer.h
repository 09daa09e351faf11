// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writes a .kpatch file: the inverse of patch_reader.h.
//
// Takes the image as laid out (sections with their offsets); makes the note,
// the symbol table, .rela sections, records and strings. A relocation's `symbol`
// names the symbol that it is written against: for a target inside the patch the
// PatchSymbol of that name and place when there is one (else the section), for
// one in the module an absolute symbol of that name, so that objdump -dr reads
// well. Imports are numbered as in PatchFile::imports.
#pragma once

#include <string>

#include "lib/patchfile/patch_file.h"

namespace care {

// The bytes of the file. Throws Error when a relocation has no section.
std::string patch_file_bytes(const PatchFile &patch);

} // namespace care
