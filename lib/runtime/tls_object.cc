// SPDX-License-Identifier: GPL-2.0-or-later
//
//   0     ELF header, four program headers
//   120   .dynsym, .dynstr, .hash: empty, but the format wants them
//   150   .rela.dyn: the one relocation, R_X86_64_TPOFF64 of the word at 208
//   168   .dynamic
//   208   the word
//   then the block, at its alignment
#include "lib/runtime/tls_object.h"

#include <array>
#include <cstring>

#include <elf.h>

#include "lib/base/units.h"

namespace care {

namespace {

constexpr uint64_t kSymbols = 0x120;
constexpr uint64_t kStrings = 0x138;
constexpr uint64_t kHash = 0x140;
constexpr uint64_t kRela = 0x150;
constexpr uint64_t kDynamic = 0x168;
constexpr uint64_t kHeadSize = kTlsObjectWord + 8;

const Elf64_Dyn kEntries[] = {
    {DT_HASH, {kHash}},
    {DT_STRTAB, {kStrings}},
    {DT_SYMTAB, {kSymbols}},
    {DT_STRSZ, {1}},
    {DT_SYMENT, {sizeof(Elf64_Sym)}},
    {DT_RELA, {kRela}},
    {DT_RELASZ, {sizeof(Elf64_Rela)}},
    {DT_RELAENT, {sizeof(Elf64_Rela)}},
    {DT_FLAGS, {DF_STATIC_TLS | DF_BIND_NOW}},
    {DT_NULL, {0}},
};
static_assert(sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr) == kSymbols);
static_assert(kRela + sizeof(Elf64_Rela) == kDynamic);
static_assert(kDynamic + sizeof kEntries == kTlsObjectWord);

template<typename T>
void put(std::string &file, uint64_t offset, const T &value) {
  memcpy(file.data() + offset, &value, sizeof value);
}

Elf64_Phdr segment(uint32_t type, uint64_t offset, uint64_t size, uint64_t align) {
  return {type, PF_R | PF_W, offset, offset, offset, size, size, align};
}

Elf64_Ehdr file_header() {
  Elf64_Ehdr h{};
  memcpy(h.e_ident, ELFMAG, SELFMAG);
  h.e_ident[EI_CLASS] = ELFCLASS64;
  h.e_ident[EI_DATA] = ELFDATA2LSB;
  h.e_ident[EI_VERSION] = EV_CURRENT;
  h.e_type = ET_DYN;
  h.e_machine = EM_X86_64;
  h.e_version = EV_CURRENT;
  h.e_phoff = sizeof h;
  h.e_ehsize = sizeof h;
  h.e_phentsize = sizeof(Elf64_Phdr);
  h.e_phnum = 4;
  return h;
}

} // namespace

std::string tls_object(std::string_view first_values, uint64_t align) {
  uint64_t block = (kHeadSize + align - 1) / align * align;
  std::string file(block, '\0');
  file += first_values;
  put(file, 0, file_header());
  const Elf64_Phdr segments[] = {
      segment(PT_LOAD, 0, file.size(), kPage), segment(PT_DYNAMIC, kDynamic, sizeof kEntries, 8),
      segment(PT_TLS, block, first_values.size(), align),
      segment(PT_GNU_STACK, 0, 0, 16), // not executable
  };
  put(file, sizeof(Elf64_Ehdr), segments);
  put(file, kHash, std::array<uint32_t, 4>{1, 1, 0, 0}); // a bucket and a chain, both empty
  put(file, kRela, Elf64_Rela{kTlsObjectWord, ELF64_R_INFO(0, R_X86_64_TPOFF64), 0});
  put(file, kDynamic, kEntries);
  return file;
}

} // namespace care
