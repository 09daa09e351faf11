// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/dynamic.h"

#include "lib/elf/dynamic_section.h"
#include "lib/elf/versions.h"

namespace care {

namespace {
constexpr uint32_t kShtRelr = 19; // SHT_RELR; not in every <elf.h>
}

DynamicTables::DynamicTables(const ElfFile &elf) {
  for (const ElfSection &s : elf.sections()) {
    if (s.type != SHT_DYNSYM)
      continue;
    std::vector<ElfSymbol> symbols = elf.symbols(s);
    std::vector<std::string> versions = symbol_versions(elf, symbols.size());
    for (const ElfSymbol &symbol : symbols)
      symbols_.push_back({std::string(symbol.name), versions[symbol.index], symbol});
  }
  for (const ElfSection &s : elf.sections()) {
    if (s.type == SHT_RELA && s.alloc())
      add_rela(elf, s);
    else if (s.type == kShtRelr && s.alloc())
      add_relr(elf, s);
  }
}

void DynamicTables::add_rela(const ElfFile &elf, const ElfSection &section) {
  for (const ElfRelocation &r : elf.relocations(section)) {
    if (r.type == R_X86_64_NONE)
      continue;
    DynamicRelocation d{LinkAddr(r.offset), r.type, r.addend, nullptr};
    if (r.symbol != 0) {
      if (r.symbol >= symbols_.size())
        throw elf.bad("{}: no dynamic symbol {}", section.name, r.symbol);
      d.symbol = &symbols_[r.symbol];
    }
    by_place_.emplace(d.place, d);
  }
}

void DynamicTables::add_packed(const ElfFile &elf, LinkAddr place) {
  // The addend of a packed relative relocation is the content of its place.
  auto addend = load_at<int64_t>(elf.read(place, 8), 0);
  by_place_.emplace(place, DynamicRelocation{place, R_X86_64_RELATIVE, addend, nullptr});
}

void DynamicTables::add_relr(const ElfFile &elf, const ElfSection &section) {
  // An even word is an address, an odd one a bitmap of the 63 words behind it.
  LinkAddr next;
  for (uint64_t at = 0; in_bounds(at, 8, section.bytes.size()); at += 8) {
    auto word = load_at<uint64_t>(section.bytes, at);
    if ((word & 1) == 0) {
      add_packed(elf, LinkAddr(word));
      next = LinkAddr(word + 8);
      continue;
    }
    for (unsigned bit = 1; bit < 64; bit++)
      if (word >> bit & 1)
        add_packed(elf, next + 8 * uint64_t{bit - 1});
    next += 8 * uint64_t{63};
  }
}

const DynamicRelocation *DynamicTables::at(LinkAddr place) const {
  auto found = by_place_.find(place);
  return found == by_place_.end() ? nullptr : &found->second;
}

std::vector<std::string> dynamic_strings(const ElfFile &elf, int64_t tag) {
  std::vector<std::string> texts;
  const ElfSection *dynamic = elf.find(".dynamic");
  const ElfSection *strings = dynamic ? elf.by_index(dynamic->link) : nullptr;
  if (!strings)
    return texts;
  for (const DynamicEntry &entry : dynamic_entries(dynamic->bytes, elf.is_64())) {
    if (entry.tag != tag || entry.value >= strings->bytes.size())
      continue;
    std::string_view rest = strings->bytes.substr(entry.value);
    texts.emplace_back(rest.substr(0, rest.find('\0')));
  }
  return texts;
}

std::string soname_of(const ElfFile &elf) {
  std::vector<std::string> names = dynamic_strings(elf, DT_SONAME);
  return names.empty() ? std::string() : names.front();
}

} // namespace care
