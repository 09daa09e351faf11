// SPDX-License-Identifier: GPL-2.0-or-later
//
// .gnu.version holds one 16-bit number for each dynamic symbol; the names of the
// numbers come from the chains in .gnu.version_r (required) and .gnu.version_d
// (defined).
#include "lib/elf/versions.h"

#include <map>

#include "lib/elf/version_chain.h"

namespace care {

namespace {

using VersionNames = std::map<uint16_t, std::string>;

std::string name_at(const ElfFile &elf, const ElfSection &section, uint32_t offset) {
  const ElfSection *strings = elf.by_index(section.link);
  size_t end = strings && offset < strings->bytes.size() ? strings->bytes.find('\0', offset)
                                                         : std::string_view::npos;
  if (end == std::string_view::npos)
    throw elf.bad("{}: a version has no name", section.name);
  return std::string(strings->bytes.substr(offset, end - offset));
}

// Names of the chain in `section`, required or defined ones.
void add_names(const ElfFile &elf, const ElfSection &section, VersionNames &names) {
  std::string what = fmt::format("{}: {}", elf.path(), section.name);
  TextSource source(section.bytes, what);
  auto add = [&](const VersionEntry &entry) {
    names[entry.number] = name_at(elf, section, entry.name_offset);
    return true;
  };
  // The chain says itself where it ends; no chain has more entries than fit.
  if (section.type == SHT_GNU_verneed)
    for_each_required(source, 0, section.bytes.size() / sizeof(Elf64_Verneed), add);
  else
    for_each_defined(source, 0, section.bytes.size() / sizeof(Elf64_Verdef), add);
}

} // namespace

std::vector<std::string> symbol_versions(const ElfFile &elf, size_t symbol_count) {
  std::vector<std::string> versions(symbol_count);
  const ElfSection *indices = nullptr;
  VersionNames names;
  for (const ElfSection &s : elf.sections()) {
    if (s.type == SHT_GNU_versym)
      indices = &s;
    else if (s.type == SHT_GNU_verneed || s.type == SHT_GNU_verdef)
      add_names(elf, s, names);
  }
  if (!indices)
    return versions;
  for (size_t i = 0; i < symbol_count && in_bounds(i * 2, 2, indices->bytes.size()); i++) {
    auto name = names.find(load_at<uint16_t>(indices->bytes, i * 2) & kVersionNumberMask);
    if (name != names.end())
      versions[i] = name->second;
  }
  return versions;
}

} // namespace care
