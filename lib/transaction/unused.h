// SPDX-License-Identifier: GPL-2.0-or-later
//
// Taking away the memory of patches that nothing leads to any more: the unwinders
// forget their frames, the dynamic linker their thread-local variables, and when no
// register and no stack of the target holds an address in it, it is unmapped.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

// Throws nothing: what is in the way is the text that comes back, empty when all is
// gone. Then the memory stays, as harmless as it was, and the next command on this
// process tries again.
std::string unmap_unused(Target &target, std::vector<Region> regions,
                         std::chrono::milliseconds timeout);

} // namespace care
