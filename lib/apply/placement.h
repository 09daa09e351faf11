// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where in the target's address space a patch can go.
//
// Code reaches code and data of its own object by 32-bit distances, so the
// region has to lie within 2 GiB of all of the object. Taken are free places
// close to it, but never one that the kernel means to grow into: the 64 GiB above
// [heap] (brk), and the one below the main stack.
//
// A hole seen in /proc/PID/maps can be gone a moment later, so several are
// offered; each is claimed with MAP_FIXED_NOREPLACE.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/address.h"
#include "lib/process/maps.h"

namespace care {

struct PlaceRequest {
  RemoteRange object;    // all of it has to be in reach
  uint64_t size = 0;     // whole pages
  bool below_2g = false; // 32-bit absolute references to the region itself
  RemoteAddr brk_start;  // where the heap begins or would begin; 0 when unknown
};

// Best place first: the nearest. Empty when there is none.
std::vector<RemoteAddr> find_places(const MemoryMap &map, const PlaceRequest &request);

} // namespace care
