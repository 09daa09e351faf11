// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which patches may stand in one object together.
//
// A patch is known by the build-id of its object and by its name; levels count within a
// name. Patches of other names stack: each brings its own copy of what it changes, and
// a caller of a function that another patch replaced comes in by its original entry,
// where that one's jump stands. That holds as long as no function, no part of one and no
// padding is replaced twice. What cannot be seen here: a replacement into which the
// compiler inlined a function that the other patch replaces; two fixes of code that
// works together belong into one patch.
#pragma once

#include <optional>
#include <vector>

#include "lib/target/redirect.h"
#include "lib/target/target.h"
#include "lib/transaction/plan.h"

namespace care {

// The patch of `patch`'s name that one of `in_force`, the regions of one object, holds,
// to be replaced by `patch`; nothing when there is none. Throws Error conflict, naming
// both levels, when it is not older, unless `force`.
std::optional<Region> level_to_replace(const std::vector<const Region *> &in_force,
                                       const BundlePatch &patch, bool force);

// Throws Error conflict, naming function and patches, when two that would stand in one
// object replace the same code; does_not_fit when one would jump from within what an
// older level overwrote.
void check_stacking(const Target &target, const std::vector<ObjectPlan> &plans);

// The changes to the code of all objects: new jumps, and the original bytes back where
// only a replaced level had one.
std::vector<CodeWrite> planned_writes(const std::vector<ObjectPlan> &plans);

} // namespace care
