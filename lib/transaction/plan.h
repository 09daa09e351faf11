// SPDX-License-Identifier: GPL-2.0-or-later
//
// The plan for one object: what a patch needs and changes, worked out before
// anything is touched. Everything that can be refused is refused here.
#pragma once

#include <optional>
#include <vector>

#include "lib/patchfile/bundle.h"
#include "lib/resolve/imports.h"
#include "lib/resolve/placement.h"
#include "lib/resolve/relocate.h"
#include "lib/runtime/unwinders.h"
#include "lib/target/redirect.h"
#include "lib/target/target.h"
#include "lib/unwind/forbidden_code.h"

namespace care {

struct ObjectPlan {
  const BundlePatch *patch = nullptr;
  LoadedObject object;
  // The older level that this one replaces in the same commit.
  std::optional<Region> previous;
  std::vector<ResolvedImport> imports; // as PatchFile::imports
  TlsBlock tls;                        // of the object, where the patch asks for it
  std::vector<TlsBlock> import_tls;    // as PatchFile::imports
  PlaceRequest place;
  Region region; // without addresses until it is mapped
  FramePlan frames;
  std::vector<std::string> warnings;
};

// The region of this very patch, byte for byte the same, in force in `object`; or null.
const Region *already_applied(const Target &target, const LoadedObject &object,
                              const BundlePatch &patch);

// Throws Error does_not_fit: other code than the patch was built for, an import no object
// defines, no room in reach; conflict: a level that is not newer, unless `force`.
ObjectPlan plan_object(Target &target, const LoadedObject &object, const BundlePatch &patch,
                       bool force);

// Where its region may go, best place first. Throws Error does_not_fit when `map` has no
// room for it.
std::vector<RegionPlace> places_for(const ObjectPlan &plan, const MemoryMap &map);

// After region.self (and split_image) is known: the addresses of replacements, and the jumps.
void place_hunks(ObjectPlan &plan);

// What of the object must not be in use meanwhile.
std::vector<CodeRange> planned_forbidden(const ObjectPlan &plan);

} // namespace care
