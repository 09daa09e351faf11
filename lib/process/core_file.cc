// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/core_file.h"

#include <algorithm>
#include <cstring>

#include <elf.h>
#include <sys/procfs.h>

#include "lib/base/error.h"

namespace care {

namespace {

// A T at `offset`; zeros when it is not all there.
template<typename T>
T load(std::string_view bytes, uint64_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof(T) <= bytes.size() - offset)
    memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

uint64_t align4(uint64_t n) {
  return (n + 3) & ~uint64_t{3};
}

// More segments than e_phnum can say: then section 0 does (gABI, PN_XNUM).
uint64_t segment_count(std::string_view bytes, const Elf64_Ehdr &header) {
  return header.e_phnum == PN_XNUM ? load<Elf64_Shdr>(bytes, header.e_shoff).sh_info
                                   : header.e_phnum;
}

} // namespace

CoreFile::CoreFile(const std::string &path) : file_(path) {
  load_headers();
}

void CoreFile::load_headers() {
  std::string_view bytes = file_.text();
  auto header = load<Elf64_Ehdr>(bytes, 0);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != EM_X86_64 || header.e_type != ET_CORE)
    throw error(ExitCode::bad_input, "{}: not the core dump of an x86-64 process", file_.path());
  uint64_t count = segment_count(bytes, header);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > bytes.size() ||
      count > (bytes.size() - header.e_phoff) / sizeof(Elf64_Phdr))
    throw error(ExitCode::bad_input, "{}: its program headers do not fit in the file",
                file_.path());
  for (uint64_t i = 0; i < count; i++) {
    auto p = load<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
    // A core that was cut off (RLIMIT_CORE, a full disk) ends before its segments do.
    uint64_t there = p.p_offset < bytes.size() ? bytes.size() - p.p_offset : 0;
    uint64_t size = std::min(p.p_filesz, there);
    if (p.p_type == PT_NOTE)
      load_note(p.p_offset, size);
    if (p.p_type == PT_LOAD && p.p_vaddr + p.p_memsz > p.p_vaddr)
      segments_.push_back({{RemoteAddr(p.p_vaddr), RemoteAddr(p.p_vaddr + p.p_memsz)},
                           p.p_offset,
                           std::min(size, p.p_memsz),
                           (p.p_flags & PF_R) != 0,
                           (p.p_flags & PF_W) != 0,
                           (p.p_flags & PF_X) != 0});
  }
  std::sort(segments_.begin(), segments_.end(), [](const CoreSegment &a, const CoreSegment &b) {
    return a.range.begin < b.range.begin;
  });
}

void CoreFile::load_note(uint64_t offset, uint64_t size) {
  std::string_view notes = file_.text().substr(std::min(offset, file_.text().size()), size);
  for (uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= notes.size();) {
    auto note = load<Elf64_Nhdr>(notes, at);
    uint64_t desc = align4(at + sizeof note + note.n_namesz);
    if (note.n_type == NT_PRPSINFO && note.n_descsz == sizeof(elf_prpsinfo)) {
      auto info = load<elf_prpsinfo>(notes, desc);
      pid_ = info.pr_pid;
      comm_ = std::string(info.pr_fname, strnlen(info.pr_fname, sizeof info.pr_fname));
    }
    at = align4(desc + note.n_descsz);
  }
}

size_t CoreFile::read_some(RemoteAddr addr, void *buffer, size_t size) const {
  auto *out = static_cast<char *>(buffer);
  size_t done = 0;
  while (done < size) {
    RemoteAddr at = addr + done;
    auto it = std::upper_bound(segments_.begin(), segments_.end(), at,
                               [](RemoteAddr a, const CoreSegment &s) { return a < s.range.end; });
    if (it == segments_.end() || !it->range.contains(at))
      break;
    uint64_t into = at.value - it->range.begin.value;
    if (into >= it->size)
      break;
    size_t n = std::min<size_t>(size - done, it->size - into);
    memcpy(out + done, file_.text().data() + it->offset + into, n);
    done += n;
  }
  return done;
}

} // namespace care
