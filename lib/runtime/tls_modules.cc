// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/tls_modules.h"

#include "lib/resolve/symbol_table.h"

namespace care {

namespace {

// What a _thread_db_ symbol points to: size in bits, number of elements, offset.
struct FieldDescription {
  uint32_t bits;
  uint32_t elements;
  uint32_t offset;
};

std::optional<uint64_t> read_field(Target &target, RemoteAddr structure, const std::string &name) {
  for (const LoadedObject &object : target.objects()) {
    SymbolTable table(object, target.cache());
    std::optional<Elf64_Sym> symbol = table.find(name, "GLIBC_PRIVATE");
    if (!symbol || symbol->st_size != sizeof(FieldDescription))
      continue;
    auto field =
        target.cache().read_value<FieldDescription>(object.bias + LinkAddr(symbol->st_value));
    if (field.bits != 64 || field.elements != 1 || field.offset > 4096)
      return std::nullopt;
    return target.memory().read_value<uint64_t>(structure + field.offset);
  }
  return std::nullopt;
}

// glibc marks a block without a fixed place with 0 or -1.
std::optional<int64_t> offset_from(uint64_t l_tls_offset) {
  if (l_tls_offset == 0 || l_tls_offset == ~uint64_t{0})
    return std::nullopt;
  return -static_cast<int64_t>(l_tls_offset);
}

TlsModule from_own_words(Target &target, const LoadedObject &object) {
  TlsModule found;
  SymbolTable table(object, target.cache());
  table.each_relocation([&](const Elf64_Rela &r) {
    // Others may be bound to another object's variable.
    if (ELF64_R_SYM(r.r_info) != 0)
      return true;
    uint32_t type = ELF64_R_TYPE(r.r_info);
    if (type != R_X86_64_DTPMOD64 && type != R_X86_64_TPOFF64)
      return true;
    auto word = target.memory().read_value<uint64_t>(object.bias + LinkAddr(r.r_offset));
    if (type == R_X86_64_DTPMOD64)
      found.module = word;
    else if (word != 0)
      found.offset = static_cast<int64_t>(word) - r.r_addend;
    return true;
  });
  return found;
}

} // namespace

TlsModule find_tls_module(Target &target, const LoadedObject &object) {
  std::optional<RemoteAddr> map =
      find_link_map(target.process(), target.objects(), object, target.cache());
  if (map) {
    std::optional<uint64_t> module = read_field(target, *map, "_thread_db_link_map_l_tls_modid");
    std::optional<uint64_t> offset = read_field(target, *map, "_thread_db_link_map_l_tls_offset");
    if (module && offset)
      return {*module, offset_from(*offset)};
  }
  return from_own_words(target, object);
}

} // namespace care
