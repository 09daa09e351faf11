// SPDX-License-Identifier: GPL-2.0-or-later
//
// Regions that no jump leads to any more, or never led to: undone ones whose memory
// could not be taken away at once, staged ones whose doctor was killed, and those of an
// object that the target has unloaded: it took its jumps along, and where it stood there
// is nothing now, or another object, or the same one mapped anew. Every patch and unpatch
// of a process looks for them.
#pragma once

#include <vector>

#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

DoctorIdentity this_doctor();
// For sure; one of another pid namespace is not known to be.
bool is_dead(const DoctorIdentity &doctor);

// Is it one? A staged region counts when its doctor is known to be dead (a
// doctor of another pid namespace is not) and none of its jumps stands; a committed one
// when its object is gone, or all of its sites hold the object's own code again.
bool is_leftover(const Target &target, const Region &region);

// In address order.
std::vector<Region> find_leftovers(const Target &target);

} // namespace care
