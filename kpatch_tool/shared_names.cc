// SPDX-License-Identifier: GPL-2.0-or-later
//
// Hidden symbols are local ones in a finished link, and so are those that a version
// script hides. No static function or variable has the mangled name of something weak.
#include "kpatch_tool/shared_names.h"

#include "kpatch_tool/function_records.h"
#include "lib/patchfile/format.h"

namespace care {

namespace {

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

} // namespace

SharedNames::SharedNames(const LinkedFile &instrumented) : file_(instrumented) {
  const ElfFile &elf = file_.elf;
  const ElfSection *info = elf.find(".kpatch.info");
  std::multimap<std::string, LinkAddr> wanted;
  for (uint64_t at = 0; info && in_bounds(at, sizeof(LinkRecord), info->bytes.size());
       at += sizeof(LinkRecord)) {
    auto record = load_at<LinkRecord>(info->bytes, at);
    if (record.flags == kShared)
      wanted.emplace(string_at(elf, record.name), LinkAddr(record.replacement));
  }
  if (wanted.empty())
    return;
  for (const ElfSymbol &symbol : file_.symbols) {
    auto [begin, end] =
        wanted.equal_range(std::string(symbol.name.substr(0, symbol.name.find('@'))));
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

void SharedNames::redirect(Reference &ref) const {
  const ElfSymbol *symbol = ref.symbol ? programs_own(*ref.symbol) : nullptr;
  if (!symbol || ref.base != ref.symbol->value)
    return;
  ref.base = symbol->value;
  ref.section = file_.elf.by_index(symbol->section);
  ref.symbol = symbol;
}

} // namespace care
