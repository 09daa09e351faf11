// SPDX-License-Identifier: GPL-2.0-or-later
//
// GNU symbol versions: which version each symbol of .dynsym has.
#pragma once

#include <string>
#include <vector>

#include "lib/elf/elf_file.h"

namespace care {

// The version name of each dynamic symbol, by index in .dynsym: what it
// requires (.gnu.version_r) or what it is defined as (.gnu.version_d); empty
// when local, global or unversioned. As long as the table.
std::vector<std::string> symbol_versions(const ElfFile &elf, size_t symbol_count);

} // namespace care
