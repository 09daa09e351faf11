// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/program_headers.h"

#include <cstring>

namespace care {

namespace {

// More segments than e_phnum can say: then section 0 does (gABI, PN_XNUM).
std::optional<uint64_t> segment_count(ByteSource &source, uint64_t begin,
                                      const Elf64_Ehdr &header) {
  if (header.e_phnum != PN_XNUM)
    return header.e_phnum;
  Elf64_Shdr first;
  if (!source.try_read_at(begin + header.e_shoff, &first, sizeof first))
    return std::nullopt;
  return first.sh_info;
}

} // namespace

std::optional<Elf64_Ehdr> read_elf_header(ByteSource &source, uint64_t begin) {
  Elf64_Ehdr header;
  if (!source.try_read_at(begin, &header, sizeof header) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != EM_X86_64)
    return std::nullopt;
  return header;
}

std::optional<std::vector<Elf64_Phdr>> read_program_headers(ByteSource &source, uint64_t begin,
                                                            const Elf64_Ehdr &header, size_t most) {
  std::optional<uint64_t> count = segment_count(source, begin, header);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || !count || *count > most)
    return std::nullopt;
  std::vector<Elf64_Phdr> headers;
  // One by one: the count is a stranger's, and memory is taken for what is there only.
  for (uint64_t i = 0; i < *count; i++) {
    Elf64_Phdr entry;
    if (!source.try_read_at(begin + header.e_phoff + i * sizeof entry, &entry, sizeof entry))
      return std::nullopt;
    headers.push_back(entry);
  }
  return headers;
}

} // namespace care
