// SPDX-License-Identifier: GPL-2.0-or-later
//
// /proc/PID/maps, line by line.
//
// A mapping's path is the kernel's idea of it in *our* view of the file
// systems: good for messages and for telling files apart, never for opening
// (the target may live in another mount namespace, the file may be gone).
// Files are told apart by device and inode.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "lib/base/address.h"

namespace care {

struct Mapping {
  RemoteRange range;
  bool read = false;
  bool write = false;
  bool exec = false;
  bool shared = false;
  uint64_t offset = 0; // of range.begin in the file, bytes
  uint64_t device = 0; // major << 32 | minor; 0 for anonymous memory
  uint64_t inode = 0;
  std::string path;     // file, or "[stack]", "[vdso]"..., or empty
  bool deleted = false; // " (deleted)" stood behind the path and is cut off

  bool anonymous() const { return inode == 0; }
  bool same_file(const Mapping &o) const { return inode == o.inode && device == o.device; }
};

// In address order, as the kernel prints them.
using MemoryMap = std::vector<Mapping>;

// Throws Error naming the line that is not of the expected form.
MemoryMap parse_maps(std::string_view text);

// The mapping that holds `addr`, or null. Valid as long as `map` is unchanged.
const Mapping *find_mapping(const MemoryMap &map, RemoteAddr addr);

} // namespace care
