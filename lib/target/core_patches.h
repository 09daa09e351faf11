// SPDX-License-Identifier: GPL-2.0-or-later
//
// The patches that a process carried when it died, from its core dump. The regions are
// private memory that was written, and so are the pages with the jumps: both are in a
// core by default.
#pragma once

#include <vector>

#include "lib/process/core_file.h"
#include "lib/target/region.h"

namespace care {

enum class CoreJumps {
  stand,   // all of them
  do_not,  // one does not: undone, or the object was unloaded
  missing, // the core does not hold the code (coredump_filter)
};

// In address order.
std::vector<Region> find_regions(const CoreFile &core);

CoreJumps jumps_in_core(const Region &region, const CoreFile &core);

} // namespace care
