// SPDX-License-Identifier: GPL-2.0-or-later
//
// Staging: a patch's region comes into being while the target runs. Nothing leads
// to it yet, so nothing can go wrong for the target; and all of it is unmapped
// again unless the commit succeeds.
//
// The target maps the memory itself, by calls injected into one thread. No page
// is ever both writable and executable, nor was: code pages are born r-x and
// filled through /proc/PID/mem.
#pragma once

#include <vector>

#include "lib/resolve/placement.h"
#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

// Address space of the target that goes away with this object, unless kept.
class StagedMemory {
 public:
  explicit StagedMemory(const Target &target) : target_(target) {}
  StagedMemory(const StagedMemory &) = delete;
  StagedMemory &operator=(const StagedMemory &) = delete;
  ~StagedMemory();

  // Claims the first of `places` that is still free and sets where the region is. `name`
  // shows in /proc/PID/maps where the kernel can. Throws Error does_not_fit when
  // all are taken, unsupported when the target may not map code.
  void map_region(InjectedCalls &calls, Region &region, const std::vector<RegionPlace> &places);

  void keep() { mapped_.clear(); }
  // The same for one region only: something in the target holds pointers into it.
  void leave(const Region &region);

 private:
  // All of them, or none.
  bool claim_parts(InjectedCalls &calls, const std::vector<RemoteRange> &parts);

  const Target &target_;
  std::vector<RemoteRange> mapped_;
};

// Room for a text of up to 95 bytes in the header of a region that is mapped and not
// written yet.
RemoteAddr scratch_place(const Region &region);

// Fills a mapped region: header (state staged), then the image.
void write_region(const RemoteMemory &memory, const Region &region, const std::string &image);

// Unmaps regions that nothing leads to any more.
void unmap_ranges(const Target &target, const std::vector<RemoteRange> &ranges);

} // namespace care
