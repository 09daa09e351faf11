// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/objects.h"

#include <algorithm>

#include <elf.h>

#include "lib/base/error.h"
#include "lib/elf/notes.h"
#include "lib/elf/program_headers.h"

namespace care {

namespace {

constexpr uint64_t kPageMask = 4095;
// More than any object has; a header that claims more is none.
constexpr size_t kMaxSegments = 256;
// Bounds what a note segment can make us read.
constexpr uint64_t kMaxNotes = 64 << 10;

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
  for_each_note(
      bytes,
      [&](const Note &note) {
        if (note.type != NT_GNU_BUILD_ID || note.owner != "GNU" || !object.build_id.empty())
          return;
        object.build_id = note.descriptor;
        object.build_id_at = begin + static_cast<uint64_t>(note.descriptor.data() - bytes.data());
      },
      notes.p_align == 8 ? 8 : 4);
}

LinkRange link_range(const Elf64_Phdr &p) {
  return {LinkAddr(p.p_vaddr), LinkAddr(p.p_vaddr + p.p_memsz)};
}

// Load bias and segments; false when no segment holds the ELF header.
bool place_segments(LoadedObject &object, const std::vector<Elf64_Phdr> &headers) {
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
  uint64_t begin = m.range.begin.value;
  std::optional<Elf64_Ehdr> header = read_elf_header(memory, begin);
  if (!header || (header->e_type != ET_EXEC && header->e_type != ET_DYN))
    return std::nullopt;
  std::optional<std::vector<Elf64_Phdr>> headers =
      read_program_headers(memory, begin, *header, kMaxSegments);
  if (!headers)
    return std::nullopt;
  LoadedObject object;
  object.header = m.range.begin;
  object.path = m.path;
  object.name = m.path.substr(m.path.rfind('/') + 1);
  object.deleted = m.deleted;
  object.fixed = header->e_type == ET_EXEC;
  if (!place_segments(object, *headers) || !is_loaded(object, m, map))
    return std::nullopt;
  for (const Elf64_Phdr &p : *headers) {
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

std::vector<DynamicEntry> read_dynamic(const LoadedObject &object, CachedMemory &memory) {
  if (!object.dynamic)
    return {};
  std::string bytes(std::min(object.dynamic->size(), kMaxDynamicSize), '\0');
  if (!memory.try_read(object.bias + object.dynamic->begin, bytes.data(), bytes.size()))
    return {};
  return dynamic_entries(bytes);
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
