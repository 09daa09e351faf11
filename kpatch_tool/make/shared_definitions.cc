// SPDX-License-Identifier: GPL-2.0-or-later
//
// Hidden symbols are local ones in a finished link, and so are those that a version
// script hides. No static function or variable has the mangled name of something weak.
#include "kpatch_tool/make/shared_definitions.h"

#include "lib/patchfile/link_records.h"

namespace care::tool {

namespace {

using Wanted = std::multimap<std::string, LinkAddr>; // replacements by name

Wanted shared_records(const ElfFile &elf) {
  Wanted wanted;
  for (const LinkRecord &record : read_link_records(elf))
    if (record.flags == kShared)
      wanted.emplace(string_at(elf, record.name), LinkAddr(record.replacement));
  return wanted;
}

std::string without_version(std::string_view name) {
  return std::string(name.substr(0, name.find('@')));
}

// Is `symbol` a definition of the program that other files could see?
bool is_programs(const LinkedFile &file, const ElfSymbol &symbol) {
  if (symbol.section == SHN_UNDEF || symbol.section >= SHN_LORESERVE ||
      (symbol.type != STT_FUNC && symbol.type != STT_OBJECT && symbol.type != STT_NOTYPE))
    return false;
  const ElfSection *section = file.elf.by_index(symbol.section);
  bool visible = symbol.binding != STB_LOCAL || symbol.visibility != STV_DEFAULT ||
                 symbol.name.starts_with("_Z");
  return visible && section && section->alloc() && !is_patch_section(*section);
}

// A record of `name`, or of a static local (_ZZ...E) or guard (_ZGVZ...E) of the function
// `name` (Itanium C++ ABI, 5.1.6); null when there is none.
const std::string *record_of(const Wanted &wanted, const std::string &name) {
  if (auto found = wanted.find(name); found != wanted.end())
    return &found->first;
  if (!name.starts_with("_Z"))
    return nullptr;
  for (std::string_view kind : {"_ZZ", "_ZGVZ"}) {
    std::string local = fmt::format("{}{}E", kind, name.substr(2));
    auto found = wanted.lower_bound(local);
    if (found != wanted.end() && found->first.starts_with(local))
      return &found->first;
  }
  return nullptr;
}

// What the link leaves to other objects, or to the patch (kpatch_cc/shared_names.h), of
// what shared records name: those by the number of the symbol.
std::map<uint32_t, std::string> names_left(const LinkedFile &file, const Wanted &wanted) {
  std::map<uint32_t, std::string> left;
  for (const ElfSymbol &symbol : file.symbols) {
    const ElfSection *section = file.elf.by_index(symbol.section);
    bool open = symbol.section == SHN_UNDEF || (section && is_patch_section(*section));
    const std::string *name =
        open && !symbol.name.empty() ? record_of(wanted, without_version(symbol.name)) : nullptr;
    if (name)
      left.emplace(symbol.index, *name);
  }
  return left;
}

} // namespace

void refuse_names_of_others(const LinkedFile &instrumented) {
  const ElfFile &elf = instrumented.elf;
  Wanted wanted = shared_records(elf);
  std::map<uint32_t, std::string> left;
  if (!wanted.empty())
    left = names_left(instrumented, wanted);
  for (const ElfSection &section : elf.sections()) {
    const ElfSection *emitted = left.empty() || !section.alloc() || is_patch_section(section)
                                    ? nullptr
                                    : elf.emitted_relocations(section);
    if (emitted == nullptr)
      continue;
    for (const ElfRelocation &r : elf.relocations(*emitted))
      if (auto found = left.find(r.symbol); found != left.end())
        throw error(ExitCode::unsupported,
                    "{}: {} is new in a file that changed, and original code, at {}, takes {} "
                    "from another object",
                    elf.path(), found->second, instrumented.describe(LinkAddr(r.offset)),
                    without_version(instrumented.symbols.at(r.symbol).name))
            .with_hint("there would be two, one of the patch: let the changed file take it from "
                       "there too (extern template, a declaration)");
  }
}

SharedNames::SharedNames(const LinkedFile &instrumented) : file_(instrumented) {
  const ElfFile &elf = file_.elf;
  Wanted wanted = shared_records(elf);
  if (wanted.empty())
    return;
  for (const ElfSymbol &symbol : file_.symbols) {
    auto [begin, end] = wanted.equal_range(without_version(symbol.name));
    if (begin == end || !is_programs(file_, symbol))
      continue;
    for (auto at = begin; at != end; ++at) {
      auto [known, added] = own_.try_emplace(at->second, &symbol);
      if (!added && known->second->value != symbol.value)
        throw error(ExitCode::unsupported,
                    "{}: {} is new in a file that changed, and the program "
                    "has several already, at {} and {}",
                    elf.path(), at->first, file_.describe(known->second->value),
                    file_.describe(symbol.value));
    }
  }
  for (const auto &[place, r] : file_.dynamic.relocations())
    if (r.symbol && r.symbol->symbol.defined())
      looked_up_.emplace(r.symbol->symbol.value, r.symbol);
}

const ElfSymbol *SharedNames::programs_own(LinkAddr replacement) const {
  auto found = own_.find(replacement);
  return found == own_.end() ? nullptr : found->second;
}

const ElfSymbol *SharedNames::programs_own(const ElfSymbol &symbol) const {
  if (symbol.section == SHN_UNDEF || symbol.section >= SHN_LORESERVE || symbol.name.empty() ||
      symbol.type == STT_SECTION || symbol.type == STT_TLS)
    return nullptr;
  return programs_own(symbol.value);
}

const DynamicSymbol *SharedNames::looked_up(const ElfSymbol &symbol) const {
  auto found = looked_up_.find(symbol.value);
  return found == looked_up_.end() ? nullptr : found->second;
}

bool SharedNames::redirect(Reference &ref) const {
  const ElfSymbol *symbol = ref.symbol ? programs_own(*ref.symbol) : nullptr;
  if (!symbol || ref.base != ref.symbol->value)
    return false;
  ref.base = symbol->value;
  ref.section = file_.elf.by_index(symbol->section);
  ref.symbol = symbol;
  return true;
}

} // namespace care::tool
