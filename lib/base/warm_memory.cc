// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/warm_memory.h"

#include <algorithm>
#include <cstdint>
#include <memory>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>

#include "lib/base/units.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 // Linux 5.14
#endif

namespace care {

namespace {

// glibc's limit for M_MMAP_THRESHOLD (HEAP_MAX_SIZE / 2), which more would be ignored for.
constexpr int kLargest = 32 << 20;

int warm_object(dl_phdr_info *object, size_t, void *) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) &segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X))
      continue;
    uint64_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(kPage - 1);
    uint64_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // NOLINTNEXTLINE: the addresses come as numbers.
    madvise(reinterpret_cast<void *>(begin), end - begin, MADV_POPULATE_READ);
  }
  return 0;
}

// Freed memory stays in the heap then, with its pages.
bool keep_freed_memory() {
  return mallopt(M_MMAP_THRESHOLD, kLargest) == 1 && mallopt(M_TRIM_THRESHOLD, 2 * kLargest) == 1;
}

} // namespace

void warm_code() {
  static const int done = dl_iterate_phdr(warm_object, nullptr);
  (void)done;
}

void warm_heap(size_t bytes) {
  static const bool kept = keep_freed_memory();
  bytes = std::min<size_t>(bytes, kLargest - kPage);
  if (!kept || bytes == 0)
    return;
  std::unique_ptr<volatile char[]> memory(new volatile char[bytes]);
  for (size_t i = 0; i < bytes; i += kPage)
    memory[i] = 0;
}

} // namespace care
