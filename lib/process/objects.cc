// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/objects.h"

#include <algorithm>
#include <cstring>

#include <elf.h>

#include "lib/base/error.h"

namespace care {

namespace {

constexpr uint64_t kPageMask = 4095;
// More than any object has; a header that claims more is none.
constexpr size_t kMaxSegments = 256;
// Bounds what a note segment can make us read.
constexpr uint64_t kMaxNotes = 64 << 10;

using ProgramHeaders = std::vector<Elf64_Phdr>;

// Empty when there is no x86-64 ELF object at `at`.
ProgramHeaders read_program_headers(RemoteAddr at, CachedMemory &memory, Elf64_Ehdr &header) {
  if (!memory.try_read(at, &header, sizeof header) ||
      memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != EM_X86_64 || (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
      header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
      header.e_phnum > kMaxSegments)
    return {};
  ProgramHeaders headers(header.e_phnum);
  if (!memory.try_read(at + header.e_phoff, headers.data(), headers.size() * sizeof(Elf64_Phdr)))
    return {};
  return headers;
}

// Is every executable segment mapped executable, from the same file, where the
// header wants it? Only then is this a loaded object and not a file being read.
bool is_loaded(const LoadedObject &object, const Mapping &first, const MemoryMap &map) {
  bool any = false;
  for (const Segment &s : object.segments) {
    if (!s.exec || s.range.empty())
      continue;
    const Mapping *m = find_mapping(map, object.bias + s.range.begin);
    if (!m || !m->exec || !m->same_file(first))
      return false;
    any = true;
  }
  return any;
}

// Sets build_id and build_id_at when it is there.
void find_build_id(LoadedObject &object, const Elf64_Phdr &notes, CachedMemory &memory) {
  if (notes.p_memsz > kMaxNotes)
    return;
  std::string bytes(notes.p_memsz, '\0');
  RemoteAddr begin = object.bias + LinkAddr(notes.p_vaddr);
  if (!memory.try_read(begin, bytes.data(), bytes.size()))
    return;
  uint64_t align = notes.p_align == 8 ? 8 : 4;
  auto round_up = [align](uint64_t n) { return (n + align - 1) & ~(align - 1); };
  for (uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= bytes.size();) {
    Elf64_Nhdr note;
    memcpy(&note, bytes.data() + at, sizeof note);
    // The name follows the header, the descriptor the name, each padded.
    uint64_t desc = round_up(at + sizeof note + note.n_namesz);
    uint64_t next = round_up(desc + note.n_descsz);
    if (desc + note.n_descsz > bytes.size())
      break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
        memcmp(bytes.data() + at + sizeof note, "GNU", 4) == 0) {
      object.build_id = bytes.substr(desc, note.n_descsz);
      object.build_id_at = begin + desc;
      return;
    }
    at = next;
  }
}

LinkRange link_range(const Elf64_Phdr &p) {
  return {LinkAddr(p.p_vaddr), LinkAddr(p.p_vaddr + p.p_memsz)};
}

// Load bias and segments; false when no segment holds the ELF header.
bool place_segments(LoadedObject &object, const ProgramHeaders &headers) {
  bool placed = false;
  LinkAddr low(UINT64_MAX);
  LinkAddr high(0);
  for (const Elf64_Phdr &p : headers) {
    if (p.p_type != PT_LOAD)
      continue;
    object.segments.push_back({link_range(p), (p.p_flags & PF_W) != 0, (p.p_flags & PF_X) != 0});
    low = std::min(low, LinkAddr(p.p_vaddr & ~kPageMask));
    high = std::max(high, LinkAddr((p.p_vaddr + p.p_memsz + kPageMask) & ~kPageMask));
    if (!placed && p.p_offset <= kPageMask) {
      object.bias.value = object.header.value - (p.p_vaddr - p.p_offset);
      placed = true;
    }
  }
  if (!placed)
    return false;
  object.range = {object.bias + low, object.bias + high};
  return object.range.begin < object.range.end;
}

std::optional<LoadedObject> object_at(const Mapping &m, const MemoryMap &map,
                                      CachedMemory &memory) {
  Elf64_Ehdr header;
  ProgramHeaders headers = read_program_headers(m.range.begin, memory, header);
  if (headers.empty())
    return std::nullopt;
  LoadedObject object;
  object.header = m.range.begin;
  object.path = m.path;
  object.name = m.path.substr(m.path.rfind('/') + 1);
  object.deleted = m.deleted;
  object.fixed = header.e_type == ET_EXEC;
  if (!place_segments(object, headers) || !is_loaded(object, m, map))
    return std::nullopt;
  for (const Elf64_Phdr &p : headers) {
    if (p.p_type == PT_DYNAMIC)
      object.dynamic = link_range(p);
    else if (p.p_type == PT_GNU_EH_FRAME)
      object.eh_frame_hdr = link_range(p);
    else if (p.p_type == PT_NOTE && object.build_id.empty())
      find_build_id(object, p, memory);
  }
  return object;
}

} // namespace

std::vector<LoadedObject> find_objects(const MemoryMap &map, CachedMemory &memory) {
  std::vector<LoadedObject> objects;
  for (const Mapping &m : map) {
    bool candidate = m.offset == 0 && (!m.anonymous() || m.path == "[vdso]");
    // Reading a device's mapping can have effects, or block.
    if (!candidate || m.path.starts_with("/dev/") || (!m.read && !m.exec))
      continue;
    // lld packs segments in the file: the page with the ELF header is mapped again, as
    // the first page of the code, where a small program's has an offset below 4096.
    if (!objects.empty() && objects.back().range.contains(m.range.begin) &&
        objects.back().path == m.path)
      continue;
    if (std::optional<LoadedObject> object = object_at(m, map, memory))
      objects.push_back(std::move(*object));
  }
  return objects;
}

const LoadedObject *find_object(const std::vector<LoadedObject> &objects, RemoteAddr addr) {
  for (const LoadedObject &object : objects) {
    if (!object.range.contains(addr))
      continue;
    for (const Segment &s : object.segments) {
      if (s.exec && s.range.contains(addr - object.bias))
        return &object;
    }
  }
  return nullptr;
}

} // namespace care
