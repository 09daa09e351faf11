// SPDX-License-Identifier: GPL-2.0-or-later
//
// Types whose objects are gone when no function that is concerned runs: what the whole
// program tells, against the refusal that one file alone leads to.
//
// See verdict.h for the two kinds, stack and passing, and for what stays unchecked.
#pragma once

#include <set>
#include <string>

#include "lib/layout/call_graph.h"
#include "lib/layout/verdict.h"

namespace care {

// Improves refused findings of `report` where `original`, the linked file of the
// original build with symbols and debug information, allows it. `replaced`: functions of
// it that the patch replaces.
// `entries`: by which names outsiders call it, where that is known (call_graph.h); the
// evidence says so then.
void find_passing(const std::string &original, const std::set<std::string> &replaced,
                  const EntryNames &entries, LayoutReport &report);

} // namespace care
