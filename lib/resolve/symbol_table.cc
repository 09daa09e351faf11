// SPDX-License-Identifier: GPL-2.0-or-later
//
// gABI "Dynamic Section"; the GNU hash table as binutils and glibc have it since
// 2006; versions as in the LSB, "Symbol Versioning".
#include "lib/resolve/symbol_table.h"

#include <cstring>

#include "lib/base/error.h"

namespace care {

namespace {

constexpr uint16_t kHidden = 0x8000; // in DT_VERSYM: not the default version
// A longer chain is no hash table.
constexpr uint32_t kMaxChain = 1 << 20;

uint32_t gnu_hash(const std::string &name) {
  uint32_t h = 5381;
  for (unsigned char c : name)
    h = h * 33 + c;
  return h;
}

uint32_t sysv_hash(const std::string &name) {
  uint32_t h = 0;
  for (unsigned char c : name) {
    h = (h << 4) + c;
    uint32_t high = h & 0xf0000000;
    h = (h ^ (high >> 24)) & ~high;
  }
  return h;
}

bool is_definition(const Elf64_Sym &s) {
  unsigned bind = ELF64_ST_BIND(s.st_info);
  unsigned type = ELF64_ST_TYPE(s.st_info);
  if (bind != STB_GLOBAL && bind != STB_WEAK && bind != STB_GNU_UNIQUE)
    return false;
  if (type == STT_SECTION || type == STT_FILE)
    return false;
  if (s.st_shndx == SHN_UNDEF && type == STT_TLS)
    return false;
  return s.st_value != 0 || s.st_shndx == SHN_ABS || type == STT_TLS;
}

} // namespace

// glibc relocates the pointers of a writable dynamic section in place; musl, and
// the vdso's read-only one, keep link-time addresses.
RemoteAddr SymbolTable::address(uint64_t pointer) const {
  if (object_.range.contains(RemoteAddr(pointer)))
    return RemoteAddr(pointer);
  return object_.bias + LinkAddr(pointer);
}

SymbolTable::SymbolTable(const LoadedObject &object, CachedMemory &memory)
    : object_(object), memory_(memory) {
  for (const DynamicEntry &entry : read_dynamic(object, memory)) {
    uint64_t value = entry.value;
    switch (entry.tag) {
    case DT_SYMTAB:
      symbols_ = address(value);
      break;
    case DT_STRTAB:
      strings_ = address(value);
      break;
    case DT_GNU_HASH:
      gnu_hash_ = address(value);
      break;
    case DT_HASH:
      sysv_hash_ = address(value);
      break;
    case DT_VERSYM:
      versions_ = address(value);
      break;
    case DT_VERDEF:
      definitions_ = address(value);
      break;
    case DT_VERDEFNUM:
      definition_count_ = value;
      break;
    case DT_VERNEED:
      needs_ = address(value);
      break;
    case DT_VERNEEDNUM:
      need_count_ = value;
      break;
    case DT_RELA:
      rela_ = address(value);
      break;
    case DT_RELASZ:
      rela_size_ = value;
      break;
    case DT_JMPREL:
      plt_rela_ = address(value);
      break;
    case DT_PLTRELSZ:
      plt_rela_size_ = value;
      break;
    default:
      break;
    }
  }
}

Elf64_Sym SymbolTable::symbol(uint32_t index) const {
  return memory_.read_value<Elf64_Sym>(symbols_ + uint64_t{index} * sizeof(Elf64_Sym));
}

std::string SymbolTable::symbol_name(uint64_t index) const {
  if (index == 0 || !symbols_ || !strings_)
    return {};
  return memory_.read_string(strings_ + symbol(static_cast<uint32_t>(index)).st_name);
}

std::string SymbolTable::defined_version(uint16_t number) const {
  return definitions_ ? version_name(for_each_defined, definitions_, definition_count_, number)
                      : std::string();
}

std::string SymbolTable::needed_version(uint16_t number) const {
  return needs_ ? version_name(for_each_required, needs_, need_count_, number) : std::string();
}

std::string SymbolTable::version_name(VersionWalk walk, RemoteAddr chain, uint64_t count,
                                      uint16_t number) const {
  std::optional<uint32_t> name;
  walk(memory_, chain.value, count, [&](const VersionEntry &entry) {
    if (entry.number == number)
      name = entry.name_offset;
    return !name;
  });
  return name ? memory_.read_string(strings_ + *name) : std::string();
}

std::string SymbolTable::symbol_version(uint64_t index) const {
  if (!versions_)
    return {};
  auto number = memory_.read_value<uint16_t>(versions_ + index * 2) & kVersionNumberMask;
  if (number < 2)
    return {};
  std::string needed = needed_version(static_cast<uint16_t>(number));
  return needed.empty() ? defined_version(static_cast<uint16_t>(number)) : needed;
}

// glibc's check_match (elf/dl-lookup.c) in our words: an object without versions
// satisfies every request; a version has to be the same, or be none and visible;
// a request without version takes the default.
bool SymbolTable::version_matches(uint32_t index, const std::string &version) const {
  if (!versions_)
    return true;
  auto number = memory_.read_value<uint16_t>(versions_ + uint64_t{index} * 2);
  bool hidden = (number & kHidden) != 0;
  number &= kVersionNumberMask;
  if (version.empty())
    return !hidden || number <= 2;
  std::string defined = number >= 2 ? defined_version(number) : std::string();
  return defined == version || (defined.empty() && !hidden);
}

bool SymbolTable::matches(uint32_t index, const std::string &name,
                          const std::string &version) const {
  Elf64_Sym s = symbol(index);
  return is_definition(s) && memory_.read_string(strings_ + s.st_name) == name &&
         version_matches(index, version);
}

std::optional<uint32_t> SymbolTable::find_gnu(const std::string &name,
                                              const std::string &version) const {
  struct Header {
    uint32_t buckets, first_symbol, bloom_words, bloom_shift;
  };
  auto header = memory_.read_value<Header>(gnu_hash_);
  if (header.buckets == 0)
    return std::nullopt;
  uint32_t hash = gnu_hash(name);
  RemoteAddr buckets = gnu_hash_ + sizeof header + uint64_t{header.bloom_words} * 8;
  RemoteAddr chains = buckets + uint64_t{header.buckets} * 4;
  auto index = memory_.read_value<uint32_t>(buckets + uint64_t{hash % header.buckets} * 4);
  if (index < header.first_symbol)
    return std::nullopt;
  for (uint32_t i = 0; i < kMaxChain; i++, index++) {
    auto entry = memory_.read_value<uint32_t>(chains + uint64_t{index - header.first_symbol} * 4);
    // The lowest bit marks the chain's end.
    if ((entry | 1) == (hash | 1) && matches(index, name, version))
      return index;
    if (entry & 1)
      break;
  }
  return std::nullopt;
}

std::optional<uint32_t> SymbolTable::find_sysv(const std::string &name,
                                               const std::string &version) const {
  auto buckets = memory_.read_value<uint32_t>(sysv_hash_);
  auto chain_count = memory_.read_value<uint32_t>(sysv_hash_ + 4);
  if (buckets == 0)
    return std::nullopt;
  RemoteAddr bucket = sysv_hash_ + 8 + uint64_t{sysv_hash(name) % buckets} * 4;
  RemoteAddr chains = sysv_hash_ + 8 + uint64_t{buckets} * 4;
  auto index = memory_.read_value<uint32_t>(bucket);
  for (uint32_t i = 0; index != 0 && index < chain_count && i < chain_count; i++) {
    if (matches(index, name, version))
      return index;
    index = memory_.read_value<uint32_t>(chains + uint64_t{index} * 4);
  }
  return std::nullopt;
}

std::optional<Elf64_Sym> SymbolTable::find(const std::string &name,
                                           const std::string &version) const {
  if (!symbols_ || !strings_)
    return std::nullopt;
  std::optional<uint32_t> index;
  if (gnu_hash_)
    index = find_gnu(name, version);
  else if (sysv_hash_)
    index = find_sysv(name, version);
  // The GNU table leaves undefined symbols out, PLT entries with a value included
  // or not, as the linker liked.
  if (!index)
    return std::nullopt;
  return symbol(*index);
}

bool SymbolTable::imports(const std::string &name) const {
  bool found = false;
  each_import([&](const std::string &imported) {
    found = imported == name;
    return !found;
  });
  return found;
}

void SymbolTable::each_import(const std::function<bool(const std::string &)> &visit) const {
  if (!symbols_ || !strings_ || !gnu_hash_)
    return;
  // Undefined symbols come before those that are hashed.
  auto first_hashed = memory_.read_value<uint32_t>(gnu_hash_ + 4);
  for (uint32_t i = 1; i < first_hashed && i < kMaxChain; i++) {
    Elf64_Sym s = symbol(i);
    if (s.st_shndx == SHN_UNDEF && !visit(memory_.read_string(strings_ + s.st_name)))
      return;
  }
}

void SymbolTable::each_relocation(const std::function<bool(const Elf64_Rela &)> &visit) const {
  for (auto [begin, size] : {std::pair(rela_, rela_size_), std::pair(plt_rela_, plt_rela_size_)}) {
    if (!begin)
      continue;
    for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= size; at += sizeof(Elf64_Rela)) {
      if (!visit(memory_.read_value<Elf64_Rela>(begin + at)))
        return;
    }
  }
}

} // namespace care
