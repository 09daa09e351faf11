// SPDX-License-Identifier: GPL-2.0-or-later
//
// From pairs of object files to findings.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "lib/layout/verdict.h"

namespace care {

// The same translation unit before and after the fix: ELF files with debug information, or
// folders of them (the objects that a link with -flto brings debug information in).
struct TypesInput {
  std::string original, patched;
  std::string source;            // for messages
  std::set<std::string> changed; // symbols of changed functions; unused when !known
  bool known = true;             // false: any function may have changed
};

// Adds to `report` what changed between the two. Types are refused where nothing better
// is known from these two files; find_passing() may know more.
void check_types(const TypesInput &input, const Acceptances &accepted, LayoutReport &report);

// When all units are in `report`: function pointers that are called otherwise now.
void settle_signatures(LayoutReport &report);

} // namespace care
