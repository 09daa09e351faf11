// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/resolve/imports.h"

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

ImportScope::ImportScope(const Process &process, const std::vector<LoadedObject> &objects,
                         const LoadedObject &object, CachedMemory &memory)
    : own_(static_cast<size_t>(&object - objects.data())), memory_(memory) {
  LinkScope scope = read_link_scope(process, objects, object, memory);
  order_ = std::move(scope.order);
  space_ = std::move(scope.space);
  for (const LoadedObject &o : objects)
    all_.emplace_back(o, memory);
  read_own_slots();
}

// Filled in by the dynamic linker when it loaded the object; lazily bound slots
// (JUMP_SLOT) prove nothing, and other words the program may have changed.
void ImportScope::read_own_slots() {
  const SymbolTable &own = all_.at(own_);
  own.each_relocation([&](const Elf64_Rela &r) {
    if (ELF64_R_TYPE(r.r_info) == R_X86_64_GLOB_DAT)
      own_slots_.emplace(own.symbol_name(ELF64_R_SYM(r.r_info)), r);
    return true;
  });
}

const LoadedObject *ImportScope::importer_of(const std::string &name) const {
  for (const SymbolTable &table : all_) {
    if (table.imports(name))
      return &table.object();
  }
  return nullptr;
}

ResolvedImport ImportScope::resolve(const PatchImport &import) const {
  if (std::optional<ResolvedImport> own = own_slot(import))
    return *own;
  for (size_t index : order_) {
    const SymbolTable &table = all_.at(index);
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
    if (ELF64_ST_BIND(symbol->st_info) == STB_GNU_UNIQUE)
      return resolve_unique(import, table, *symbol);
    if (symbol->st_shndx == SHN_ABS)
      return {symbol->st_value, std::nullopt, object.name};
    return {(object.bias + LinkAddr(symbol->st_value)).value, std::nullopt, object.name};
  }
  if (import.weak)
    return {};
  throw error(ExitCode::does_not_fit, "cannot resolve import {}: {}", import.text(),
              out_of_scope(import))
      .with_hint("the fix uses a function or variable of a library that this process has not "
                 "loaded, or of another version of it");
}

// Why ld.so would not find it either.
std::string ImportScope::out_of_scope(const PatchImport &import) const {
  if (order_.empty())
    return "the dynamic linker does not know this object";
  for (const SymbolTable &table : all_) {
    if (table.find(import.name, import.version))
      return fmt::format("{} defines it, but is out of reach for this object (opened with "
                         "RTLD_LOCAL, or in another namespace)",
                         table.object().name);
  }
  return "no loaded object defines it";
}

std::optional<ResolvedImport> ImportScope::own_slot(const PatchImport &import) const {
  const SymbolTable &own = all_.at(own_);
  auto [begin, end] = own_slots_.equal_range(import.name);
  for (auto it = begin; it != end; ++it) {
    uint64_t symbol = ELF64_R_SYM(it->second.r_info);
    if (import.kind == ImportKind::tls || own.symbol_version(symbol) != import.version)
      continue;
    auto value = memory_.read_value<uint64_t>(own.object().bias + LinkAddr(it->second.r_offset));
    if (value != 0)
      return ResolvedImport{value, std::nullopt, own.object().name};
    if (import.weak)
      return ResolvedImport{};
  }
  return std::nullopt;
}

ResolvedImport ImportScope::resolve_unique(const PatchImport &import, const SymbolTable &definer,
                                           const Elf64_Sym &symbol) const {
  uint64_t found = (definer.object().bias + LinkAddr(symbol.st_value)).value;
  for (size_t index : space_) {
    const SymbolTable &table = all_.at(index);
    uint64_t bound = 0;
    table.each_relocation([&](const Elf64_Rela &r) {
      if (ELF64_R_TYPE(r.r_info) == R_X86_64_GLOB_DAT &&
          table.symbol_name(ELF64_R_SYM(r.r_info)) == import.name)
        bound = memory_.read_value<uint64_t>(table.object().bias + LinkAddr(r.r_offset));
      return bound == 0;
    });
    if (bound != 0)
      return {bound, std::nullopt, table.object().name};
  }
  return {found, std::nullopt, definer.object().name};
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
  for (size_t index : order_) {
    const SymbolTable &table = all_.at(index);
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
