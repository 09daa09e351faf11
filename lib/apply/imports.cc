// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/imports.h"

#include <algorithm>

#include "lib/base/error.h"

namespace care {

namespace {

// Could `value` be code of `object`? A slot that is not bound yet points into the
// PLT of the object that owns the slot instead.
bool is_code_of(const LoadedObject &object, uint64_t value) {
  return std::any_of(object.segments.begin(), object.segments.end(), [&](const Segment &s) {
    return s.exec && s.range.contains(RemoteAddr(value) - object.bias);
  });
}

} // namespace

ImportScope::ImportScope(const std::vector<LoadedObject> &objects,
                         const std::vector<LinkChain> &chains, const LoadedObject &object,
                         CachedMemory &memory)
    : memory_(memory) {
  auto index = static_cast<size_t>(&object - objects.data());
  auto own = std::find_if(chains.begin(), chains.end(), [&](const LinkChain &chain) {
    return std::find(chain.begin(), chain.end(), index) != chain.end();
  });
  if (own == chains.end())
    own = chains.begin();
  if (own == chains.end())
    return;
  for (size_t i : *own)
    tables_.emplace_back(objects.at(i), memory);
}

const LoadedObject *ImportScope::importer_of(const std::string &name) const {
  for (const SymbolTable &table : tables_) {
    if (table.imports(name))
      return &table.object();
  }
  return nullptr;
}

ResolvedImport ImportScope::resolve(const PatchImport &import) const {
  for (const SymbolTable &table : tables_) {
    std::optional<Elf64_Sym> symbol = table.find(import.name, import.version);
    if (!symbol)
      continue;
    const LoadedObject &object = table.object();
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    if ((type == STT_TLS) != (import.kind == ImportKind::tls))
      throw error(ExitCode::does_not_fit, "import {}: {} has {} thread-local variable of that name",
                  import.text(), object.name, type == STT_TLS ? "a" : "no");
    if (type == STT_TLS)
      return {symbol->st_value, std::nullopt, object.name, &object};
    if (type == STT_GNU_IFUNC && symbol->st_shndx != SHN_UNDEF)
      return resolve_indirect(import, table, *symbol);
    if (symbol->st_shndx == SHN_ABS)
      return {symbol->st_value, std::nullopt, object.name};
    return {(object.bias + LinkAddr(symbol->st_value)).value, std::nullopt, object.name};
  }
  if (import.weak)
    return {};
  throw error(ExitCode::does_not_fit, "cannot resolve import {}: no loaded object defines it",
              import.text())
      .with_hint("the fix uses a function or variable of a library that this process has not "
                 "loaded, or of another version of it");
}

ResolvedImport ImportScope::resolve_indirect(const PatchImport &import, const SymbolTable &definer,
                                             const Elf64_Sym &symbol) const {
  const LoadedObject &object = definer.object();
  std::optional<uint64_t> value = irelative_slot(definer, symbol.st_value);
  if (!value)
    value = bound_slot(import, object);
  if (value)
    return {*value, std::nullopt, object.name};
  return {0, object.bias + LinkAddr(symbol.st_value), object.name};
}

std::optional<uint64_t> ImportScope::irelative_slot(const SymbolTable &definer,
                                                    uint64_t resolver) const {
  std::optional<uint64_t> found;
  const LoadedObject &object = definer.object();
  definer.each_relocation([&](const Elf64_Rela &r) {
    if (ELF64_R_TYPE(r.r_info) != R_X86_64_IRELATIVE ||
        static_cast<uint64_t>(r.r_addend) != resolver)
      return true;
    auto value = memory_.read_value<uint64_t>(object.bias + LinkAddr(r.r_offset));
    if (!is_code_of(object, value) || RemoteAddr(value) == object.bias + LinkAddr(resolver))
      return true;
    found = value;
    return false;
  });
  return found;
}

std::optional<uint64_t> ImportScope::bound_slot(const PatchImport &import,
                                                const LoadedObject &definer) const {
  std::optional<uint64_t> found;
  for (const SymbolTable &table : tables_) {
    if (&table.object() == &definer || found)
      continue;
    table.each_relocation([&](const Elf64_Rela &r) {
      uint64_t type = ELF64_R_TYPE(r.r_info);
      bool slot = type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT ||
                  (type == R_X86_64_64 && r.r_addend == 0);
      if (!slot || table.symbol_name(ELF64_R_SYM(r.r_info)) != import.name)
        return true;
      auto value = memory_.read_value<uint64_t>(table.object().bias + LinkAddr(r.r_offset));
      if (!is_code_of(definer, value))
        return true;
      found = value;
      return false;
    });
  }
  return found;
}

} // namespace care
