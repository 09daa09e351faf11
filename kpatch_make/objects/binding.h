// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which shipped file a linked object is the rebuild of.
//
// The build-id says it where the package is reproducible. Where it is not: the place
// under which the build's own packaging left the object (debian/PACKAGE/usr/bin/tool,
// BUILDROOT/usr/bin/tool) is where the shipped one is installed; then the soname, then
// the base name, each only when it leads to one file. Whether the two are really equal
// is not asked here: that is the layout proof's, for each pair that is chosen.
//
// What no target is the counterpart of is not shipped: test programs, objects that are
// part of others, packages that were not asked for.
#pragma once

#include <string>
#include <vector>

#include "kpatch_make/objects/object_pairing.h"
#include "kpatch_make/objects/shipped_files.h"

namespace care::make {

struct Binding {
  // Of different build-ids, mostly one: a patch for each is needed.
  std::vector<const TargetFile *> targets; // into the list that was given
  bool sure = false;                       // by build-id or place, not only by name
  std::string why_none;                    // when there is none; "" means not shipped
};

// Is it the object's as it was linked, or as it was packed?
bool is_build_id_of(const std::string &build_id, const Link &link);

// `object`: base name under which the build leaves it.
Binding choose_targets(const Link &original, const std::string &object,
                       const std::vector<TargetFile> &targets);

// The file names that may be those of the installed files.
std::set<std::string> names_of(const Pairing &pairing);

} // namespace care::make
