// SPDX-License-Identifier: GPL-2.0-or-later
//
// Hidden symbols are local ones in a finished link. Their visibility still distinguishes
// them from static ones. Symbols that a version script made local stand behind the last
// symbol of type STT_FILE, which has no name then.
//
// The name of the other file is in the debug information only.
#include "kpatch_tool/make/definitions.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <memory>

#include "lib/base/fd.h"

namespace care::tool {

namespace {

bool is_patch_symbol(const LinkedFile &file, const ElfSymbol &symbol) {
  const ElfSection *section = file.elf.by_index(symbol.section);
  return symbol.section < SHN_LORESERVE && section && is_patch_section(*section);
}

std::string_view plain_name(std::string_view name) {
  return name.substr(0, name.find('@'));
}

// Does this entry define `name`?
bool defines(Dwarf_Die &die, const std::string &name) {
  int tag = dwarf_tag(&die);
  Dwarf_Attribute attribute;
  if ((tag != DW_TAG_subprogram && tag != DW_TAG_variable) ||
      dwarf_hasattr(&die, DW_AT_declaration) || !dwarf_hasattr_integrate(&die, DW_AT_external))
    return false;
  for (unsigned known : {DW_AT_linkage_name, DW_AT_name}) {
    const char *text = dwarf_formstring(dwarf_attr_integrate(&die, known, &attribute));
    if (text && name == text)
      return true;
  }
  return false;
}

// The source file other than `source` that defines `name`; empty when it is unknown.
std::string other_source(const std::string &path, const std::string &name,
                         const std::string &source) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::unique_ptr<Dwarf, int (*)(Dwarf *)> dwarf(dwarf_begin(fd.get(), DWARF_C_READ), dwarf_end);
  Dwarf_CU *unit = nullptr;
  Dwarf_Die top, die;
  while (dwarf && dwarf_get_units(dwarf.get(), unit, &unit, nullptr, nullptr, &top, nullptr) == 0) {
    const char *file = dwarf_diename(&top);
    if (!file || file == source || dwarf_child(&top, &die) != 0)
      continue;
    do {
      if (defines(die, name))
        return file;
    } while (dwarf_siblingof(&die, &die) == 0);
  }
  return {};
}

} // namespace

Definitions::Definitions(const LinkedFile &file) : file_(file) {
  bool made_local = false;
  for (const ElfSymbol &symbol : file.symbols) {
    if (symbol.type == STT_FILE)
      made_local = symbol.name.empty();
    bool global = symbol.binding != STB_LOCAL || symbol.visibility != STV_DEFAULT || made_local;
    if (global && !symbol.name.empty() && symbol.type != STT_FILE && symbol.type != STT_SECTION &&
        !is_patch_symbol(file, symbol))
      names_.insert(plain_name(symbol.name));
  }
}

void Definitions::require_only(const std::string &name, const std::string &source) const {
  if (!names_.count(name))
    return;
  std::string other = other_source(file_.elf.path(), name, source);
  throw error(ExitCode::unsupported,
              "{}: {} is new in this file, but the running program has one already, of {}", source,
              name, other.empty() ? "another file or library" : other)
      .with_hint("moved? Leave the definition where it is, or give the new one another name: "
                 "what did not change would go on using the old one");
}

} // namespace care::tool
