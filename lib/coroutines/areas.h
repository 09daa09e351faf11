// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the stack of a coroutine can be: writable memory that is no thread's stack.
// Heap, anonymous mappings, data segments. Only pages that exist are ever read, so
// that a sparse mapping costs nothing and none is filled by looking at it.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/fd.h"
#include "lib/process/maps.h"
#include "lib/process/memory.h"

namespace care {

struct Area {
  RemoteRange range;
  bool above_gap = false; // an inaccessible page lies below
  // And it is small enough for one stack, and no heap of glibc's.
  bool guarded = false;
  std::string name; // "[heap]", a file, "anonymous memory"
};

// Ascending. `shared`: memory shared with other processes too (anonymous, memfd).
// Mappings that hold one of `except` are left out.
std::vector<Area> writable_areas(const MemoryMap &map, bool shared,
                                 const std::set<RemoteAddr> &except);

// The area that holds `at`, or null.
const Area *find_area(const std::vector<Area> &areas, RemoteAddr at);

// Is it the stack of a thread, by the thread descriptor at its end? glibc's begins with
// its own address, and holds it once more. Of live threads the safety check looks at the
// stack; those of threads that ended, which glibc keeps for the next ones, are full of
// return addresses that mean nothing.
bool is_thread_stack(const Area &area, const RemoteMemory &memory);

// What of `range` is not in `areas`.
std::vector<RemoteRange> outside(const std::vector<Area> &areas, RemoteRange range);

// Sorts, and joins what overlaps or touches.
void merge(std::vector<RemoteRange> &ranges);

// Which pages of a process exist, by /proc/PID/pagemap.
class ResidentPages {
 public:
  explicit ResidentPages(pid_t tid);
  // Does the kernel pass at once over what has no pages (Linux 6.7)? If not it is asked for
  // each page: 14 TiB, AddressSanitizer's shadow memory, take minutes.
  bool quick() const { return quick_; }
  // The parts of `range` that have pages, in memory or in swap. All of it where the
  // kernel does not tell.
  std::vector<RemoteRange> of(RemoteRange range) const;

 private:
  Fd pagemap_;
  bool quick_;
};

// Reads `ranges` in pieces of at most 1 MiB. What went away meanwhile is passed over.
using Visit = std::function<void(RemoteAddr at, std::span<const std::byte> content)>;
void read_ranges(const RemoteMemory &memory, const std::vector<RemoteRange> &ranges,
                 const Visit &visit);

} // namespace care
