// SPDX-License-Identifier: GPL-2.0-or-later
//
// Regions that no jump leads to any more, or never led to: undone ones whose memory
// could not be taken away at once, and staged ones whose doctor was killed. Every
// patch and unpatch of a process looks for them.
#pragma once

#include <vector>

#include "lib/apply/region.h"
#include "lib/apply/target.h"

namespace care {

DoctorIdentity this_doctor();
// For sure; one of another pid namespace is not known to be.
bool is_dead(const DoctorIdentity &doctor);

// In address order. A staged region counts when its doctor is known to be dead (a
// doctor of another pid namespace is not) and none of its jumps stands.
std::vector<Region> find_leftovers(const Target &target);

} // namespace care
