// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which objects of a process should carry a patch of a bundle, which do, and why the
// others do not. What counts is the code: a patch is there when every one of its jumps
// stands in the object that is loaded now. A header that says "committed" proves nothing,
// since dlclose takes the jumps along and a later dlopen brings the old code back.
//
// Nothing is stopped, traced or changed.
#pragma once

#include <string>
#include <vector>

#include "lib/patchfile/bundle.h"
#include "lib/target/target.h"

namespace care {

enum class CoverageState {
  patched,     // by the very file of the bundle
  newer,       // by a patch of a higher level
  older,       // by one of a lower level
  another,     // by another patch of the same level
  missing,     // by none
  other_build, // named like the patch's object, but of another build: not ours to judge
  unknown,     // the process cannot be looked at
};

// "patched", "other build"...
const char *coverage_text(CoverageState state);

// Does the administrator have to do something? Not for another build: it may be one that has the
// fix in its source.
bool lacks_patch(CoverageState state);

struct Coverage {
  std::string object;
  std::string build_id; // raw bytes
  CoverageState state = CoverageState::missing;
  uint32_t level = 0;                  // that is there
  const BundlePatch *wanted = nullptr; // of the bundle
  std::string reason;                  // why it is not there; empty when it is
};

// In address order. Empty when no object of the process is one of the bundle's.
std::vector<Coverage> coverage_of(const Target &target, const Bundle &bundle);

// The same for a process that is no Target: a 32-bit one, by the names of its files.
// Throws Error when its memory map cannot be read.
std::vector<Coverage> coverage_by_name(const MemoryMap &map, const Bundle &bundle,
                                       const std::string &reason);

} // namespace care
