// SPDX-License-Identifier: GPL-2.0-or-later
//
// .kpatch.info and .kpatch.strtab of an instrumented link: what kpatch_gensrc appended to
// each object, put together by the linker. Not checked against anything else in the file.
#pragma once

#include <string>
#include <vector>

#include "lib/elf/elf_file.h"
#include "lib/patchfile/format.h"

namespace care {

// Empty when nothing changed. Throws Error (bad_input) for half a record.
std::vector<LinkRecord> read_link_records(const ElfFile &elf);

// The string at an offset of .kpatch.strtab. Throws Error (bad_input) when there is none.
std::string string_at(const ElfFile &elf, uint64_t offset);

} // namespace care
