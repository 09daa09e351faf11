// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a doctor that died left half done, taken up by the next one before it does
// anything else. Each thing is found by what stands in the target:
//
//   * address space that was mapped and never filled (mapping_note.h)
//   * calls that run on by themselves: they are waited for, then it is known what became
//     of the tables that they registered or took back (frames.h)
//   * a block of thread-local variables whose handle was not noted, and the descriptor of
//     its file (tls_block.h)
//   * commits and undos between two jumps (unfinished.h)
//
// Regions that nothing leads to are leftovers.h's.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/target/target.h"

namespace care {

// What was done, a line each. Throws Error unsafe when a commit cannot be finished now.
std::vector<std::string> recover(Target &target, std::chrono::milliseconds timeout,
                                 std::chrono::milliseconds hook_timeout);

} // namespace care
