// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/linked_file.h"

#include <algorithm>

namespace care::tool {

namespace {

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<ElfSymbol> symtab_of(const ElfFile &elf) {
  for (const ElfSection &s : elf.sections())
    if (s.type == SHT_SYMTAB)
      return elf.symbols(s);
  return {};
}

} // namespace

bool is_patch_section(const ElfSection &section) {
  return section.name.starts_with(".kpatch.");
}

bool is_plt(const ElfSection &section) {
  return section.name == ".iplt" || section.name == ".plt" || section.name.starts_with(".plt.");
}

bool is_got(const ElfSection &section) {
  return section.name == ".got" || section.name == ".got.plt" || section.name == ".igot.plt";
}

bool is_synthetic(const ElfSection &section) {
  return is_plt(section) || is_got(section) || section.type == SHT_NOTE ||
         (section.type == SHT_RELA && section.alloc()) ||
         starts_with_any(section.name,
                         {".dynsym", ".dynstr", ".gnu.hash", ".hash", ".gnu.version", ".relr.dyn",
                          ".dynamic", ".eh_frame", ".interp", ".gnu_debuglink"});
}

LinkedFile::LinkedFile(const std::string &path) : elf(path), dynamic(elf), symbols(symtab_of(elf)) {
  for (const ElfSymbol &s : symbols)
    if (s.section != SHN_UNDEF && s.section < SHN_LORESERVE && !s.name.empty() &&
        (s.type == STT_FUNC || s.type == STT_OBJECT || s.type == STT_NOTYPE ||
         s.type == STT_GNU_IFUNC))
      by_address_.push_back(s.index);
  // Among those at one address, the sized ones and the functions first.
  auto rank = [&](uint32_t i) {
    return std::tuple(symbols[i].value, symbols[i].size == 0, symbols[i].type != STT_FUNC, i);
  };
  std::sort(by_address_.begin(), by_address_.end(),
            [&](uint32_t a, uint32_t b) { return rank(a) < rank(b); });
}

const ElfSymbol *LinkedFile::symbol_at(LinkAddr addr, std::string_view name) const {
  auto first = std::lower_bound(by_address_.begin(), by_address_.end(), addr,
                                [&](uint32_t i, LinkAddr a) { return symbols[i].value < a; });
  const ElfSymbol *best = nullptr;
  for (auto at = first; at != by_address_.end() && symbols[*at].value == addr; ++at) {
    if (symbols[*at].name == name)
      return &symbols[*at];
    if (!best)
      best = &symbols[*at];
  }
  return best;
}

const ElfSymbol *LinkedFile::symbol_around(LinkAddr addr) const {
  auto after = std::upper_bound(by_address_.begin(), by_address_.end(), addr,
                                [&](LinkAddr a, uint32_t i) { return a < symbols[i].value; });
  if (after == by_address_.begin())
    return nullptr;
  return symbol_at(symbols[*std::prev(after)].value);
}

std::string LinkedFile::describe(LinkAddr addr) const {
  const ElfSection *section = elf.at(addr);
  if (!section)
    return fmt::format("{}", addr);
  std::string text = fmt::format("{}+{:#x}", section->name, addr.value - section->addr.value);
  const ElfSymbol *symbol = symbol_around(addr);
  if (!symbol || symbol->section != section->index)
    return text;
  return fmt::format("{} ({}+{:#x})", text, symbol->name, addr.value - symbol->value.value);
}

void LinkedFile::require_linked() const {
  if (elf.type() != ET_EXEC && elf.type() != ET_DYN)
    throw elf.bad("neither an executable nor a shared object");
}

} // namespace care::tool
