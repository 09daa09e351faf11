// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/leftovers.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/process/process.h"
#include "lib/target/redirect.h"

namespace care {

namespace {

bool is_site_of_another(const Target &target, const Region &region, const CodeWrite &w) {
  for (const Region &other : target.regions()) {
    if (other.self == region.self || other.state != RegionState::committed)
      continue;
    for (const Hunk &h : other.hunks) {
      for (const CodeWrite &theirs : writes_of(h)) {
        if (theirs.range().overlaps(w.range()) && holds(target.memory(), theirs, theirs.after))
          return true;
      }
    }
  }
  return false;
}

// Was the object mapped anew since? Bytes that the doctor does not know mean: perhaps not; a
// debugger's breakpoint on a jump does not make a patch stale.
bool sites_are_original(const Target &target, const Region &region) {
  for (const Hunk &h : region.hunks) {
    for (const CodeWrite &w : writes_of(h)) {
      if (!holds(target.memory(), w, w.before) && !is_site_of_another(target, region, w))
        return false;
    }
  }
  return true;
}

} // namespace

DoctorIdentity this_doctor() {
  struct stat ns {};
  if (stat("/proc/self/ns/pid", &ns) != 0)
    return {};
  return {static_cast<uint64_t>(getpid()), start_time(getpid()), ns.st_ino};
}

bool is_dead(const DoctorIdentity &doctor) {
  if (doctor.pid_namespace == 0 || doctor.pid_namespace != this_doctor().pid_namespace)
    return false;
  auto pid = static_cast<pid_t>(doctor.pid);
  try {
    return !process_alive(pid) || start_time(pid) != doctor.start_time;
  } catch (const Error &) { // it exited between the two looks
    return true;
  }
}

bool is_leftover(const Target &target, const Region &region) {
  switch (region.state) {
  case RegionState::undone:
    return true;
  case RegionState::staged:
    return is_dead(region.doctor) && count_standing(region, target.memory()).jumps == 0;
  case RegionState::committed:
    return !target.object_of(region) || sites_are_original(target, region);
  }
  return false;
}

std::vector<Region> find_leftovers(const Target &target) {
  std::vector<Region> found;
  for (const Region &region : target.regions()) {
    if (is_leftover(target, region))
      found.push_back(region);
  }
  return found;
}

} // namespace care
