// SPDX-License-Identifier: GPL-2.0-or-later
//
// The second half of reading a .kpatch file: .kpatch.info and .kpatch.unsafe,
// what is replaced by what. Used by reader.cc alone.
#pragma once

#include "lib/elf/elf_file.h"
#include "lib/patchfile/patch_file.h"

namespace care {

// Fills patch.functions and patch.unsafe; patch.groups and sections are set.
void read_records(const ElfFile &elf, PatchFile &patch);

} // namespace care
