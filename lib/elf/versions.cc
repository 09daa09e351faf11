// SPDX-License-Identifier: GPL-2.0-or-later
//
// .gnu.version holds one 16-bit index for each dynamic symbol; names of the
// indices come from the chains in .gnu.version_r (required) and .gnu.version_d
// (defined). Chains only go forward, so each walk ends.
#include "lib/elf/versions.h"

#include <map>

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

template<typename T>
T entry_at(const ElfFile &elf, const ElfSection &section, uint64_t at) {
  if (!in_bounds(at, sizeof(T), section.bytes.size()))
    throw elf.bad("{} is cut off", section.name);
  return load_at<T>(section.bytes, at);
}

void add_required(const ElfFile &elf, const ElfSection &section, VersionNames &names) {
  for (uint64_t at = 0;;) {
    auto need = entry_at<Elf64_Verneed>(elf, section, at);
    uint64_t aux_at = at + need.vn_aux;
    for (uint16_t i = 0; i < need.vn_cnt; i++) {
      auto aux = entry_at<Elf64_Vernaux>(elf, section, aux_at);
      names[aux.vna_other & 0x7fff] = name_at(elf, section, aux.vna_name);
      aux_at += aux.vna_next;
    }
    if (need.vn_next == 0)
      return;
    at += need.vn_next;
  }
}

void add_defined(const ElfFile &elf, const ElfSection &section, VersionNames &names) {
  for (uint64_t at = 0;;) {
    auto def = entry_at<Elf64_Verdef>(elf, section, at);
    // The base definition names the object itself and versions no symbol.
    if (!(def.vd_flags & VER_FLG_BASE)) {
      auto aux = entry_at<Elf64_Verdaux>(elf, section, at + def.vd_aux);
      names[def.vd_ndx & 0x7fff] = name_at(elf, section, aux.vda_name);
    }
    if (def.vd_next == 0)
      return;
    at += def.vd_next;
  }
}

} // namespace

std::vector<std::string> symbol_versions(const ElfFile &elf, size_t symbol_count) {
  std::vector<std::string> versions(symbol_count);
  const ElfSection *indices = nullptr;
  VersionNames names;
  for (const ElfSection &s : elf.sections()) {
    if (s.type == SHT_GNU_versym)
      indices = &s;
    else if (s.type == SHT_GNU_verneed)
      add_required(elf, s, names);
    else if (s.type == SHT_GNU_verdef)
      add_defined(elf, s, names);
  }
  if (!indices)
    return versions;
  for (size_t i = 0; i < symbol_count && in_bounds(i * 2, 2, indices->bytes.size()); i++) {
    auto name = names.find(load_at<uint16_t>(indices->bytes, i * 2) & 0x7fff);
    if (name != names.end())
      versions[i] = name->second;
  }
  return versions;
}

} // namespace care
