// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/core_file.h"

#include <algorithm>
#include <cstring>

#include <elf.h>
#include <sys/procfs.h>

#include "lib/base/error.h"
#include "lib/elf/elf_file.h"
#include "lib/elf/notes.h"
#include "lib/elf/program_headers.h"

namespace care {

namespace {

// A process has at most 65530 mappings by default (vm.max_map_count).
constexpr size_t kMaxSegments = 1 << 20;

} // namespace

CoreFile::CoreFile(const std::string &path) : file_(path) {
  load_headers();
}

void CoreFile::load_headers() {
  std::string_view bytes = file_.text();
  TextSource source(bytes, file_.path());
  std::optional<Elf64_Ehdr> header = read_elf_header(source, 0);
  if (!header || header->e_type != ET_CORE)
    throw error(ExitCode::bad_input, "{}: not the core dump of an x86-64 process", file_.path());
  std::optional<std::vector<Elf64_Phdr>> headers =
      read_program_headers(source, 0, *header, kMaxSegments);
  if (!headers)
    throw error(ExitCode::bad_input, "{}: its program headers do not fit in the file",
                file_.path());
  for (const Elf64_Phdr &p : *headers) {
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
  for_each_note(notes, [&](const Note &note) {
    if (note.type != NT_PRPSINFO || note.descriptor.size() != sizeof(elf_prpsinfo))
      return;
    auto info = load_at<elf_prpsinfo>(note.descriptor, 0);
    pid_ = info.pr_pid;
    comm_ = std::string(info.pr_fname, strnlen(info.pr_fname, sizeof info.pr_fname));
  });
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
