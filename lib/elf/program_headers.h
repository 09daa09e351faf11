// SPDX-License-Identifier: GPL-2.0-or-later
//
// ELF header and program headers of an x86-64 image in memory or in a core dump. Files
// that the build side reads have sections, and ElfFile.
#pragma once

#include <optional>
#include <vector>

#include <elf.h>

#include "lib/elf/byte_source.h"

namespace care {

// The header of an image that begins at `begin`; empty when it is no 64-bit x86-64 one.
std::optional<Elf64_Ehdr> read_elf_header(ByteSource &source, uint64_t begin);

// Its program headers; empty when they are not all there, or more than `most`.
std::optional<std::vector<Elf64_Phdr>> read_program_headers(ByteSource &source, uint64_t begin,
                                                            const Elf64_Ehdr &header, size_t most);

} // namespace care
