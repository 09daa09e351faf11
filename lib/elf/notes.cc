// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/notes.h"

#include <elf.h>

#include "lib/elf/elf_file.h"

namespace care {

namespace {

uint64_t round_up(uint64_t size, uint64_t alignment) {
  return (size + alignment - 1) & ~(alignment - 1);
}

uint64_t padded(uint64_t size) {
  return round_up(size, 4);
}

} // namespace

bool for_each_note(std::string_view bytes, const std::function<void(const Note &)> &visit,
                   uint64_t alignment) {
  uint64_t at = 0;
  while (at < bytes.size()) {
    if (!in_bounds(at, sizeof(Elf64_Nhdr), bytes.size()))
      return false;
    auto header = load_at<Elf64_Nhdr>(bytes, at);
    uint64_t owner = at + sizeof header;
    uint64_t descriptor = round_up(owner + header.n_namesz, alignment);
    if (!in_bounds(owner, header.n_namesz, bytes.size()) ||
        !in_bounds(descriptor, header.n_descsz, bytes.size()))
      return false;
    Note note;
    note.owner = bytes.substr(owner, header.n_namesz);
    if (!note.owner.empty() && note.owner.back() == '\0')
      note.owner.remove_suffix(1);
    note.type = header.n_type;
    note.descriptor = bytes.substr(descriptor, header.n_descsz);
    visit(note);
    at = round_up(descriptor + header.n_descsz, alignment);
  }
  return true;
}

std::string note_bytes(std::string_view owner, uint32_t type, std::string_view descriptor) {
  Elf64_Nhdr header{static_cast<Elf64_Word>(owner.size() + 1),
                    static_cast<Elf64_Word>(descriptor.size()), type};
  std::string bytes(reinterpret_cast<const char *>(&header), sizeof header);
  bytes += owner;
  bytes.resize(sizeof header + padded(owner.size() + 1), '\0');
  bytes += descriptor;
  bytes.resize(padded(bytes.size()), '\0');
  return bytes;
}

} // namespace care
