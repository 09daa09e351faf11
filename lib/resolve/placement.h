// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where in the target's address space a patch can go.
//
// Code reaches code and data of its own object by 32-bit distances, so the image has
// to lie within 2 GiB of all of the object. In this order:
//
//   1. all of the region in a hole near the object, an unmapped page on either side
//   2. the same without these pages
//   3. the same between the libraries and the main stack, below what the stack may grow to
//   4. the image alone in a hole near the object; header and work memory, which no code
//      of the patch refers to, anywhere
//
// Never taken is what the kernel means to grow into: the 64 GiB above [heap] (brk), and
// the stack's room. The image itself is not torn apart: its groups refer to one another
// by distances that the .kpatch file holds.
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
  RemoteRange object;                  // all of it has to be in reach
  uint64_t size = 0;                   // of the region, whole pages
  bool below_2g = false;               // 32-bit absolute references to the image
  RemoteAddr brk_start;                // where the heap begins or would begin; 0 when unknown
  uint64_t image_size = 0;             // of the image alone; 0: it may not be split off
  uint64_t stack_limit = ~uint64_t{0}; // RLIMIT_STACK
};

struct RegionPlace {
  RemoteAddr self;
  RemoteAddr split_image; // 0: the image is behind the header
};

// Best place first. Empty when there is none.
std::vector<RegionPlace> find_places(const MemoryMap &map, const PlaceRequest &request);

// `map` as it will be when something is mapped at `range`: for the next look.
void take_place(MemoryMap &map, const RemoteRange &range);

} // namespace care
