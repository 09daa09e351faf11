// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/leftovers.h"

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

#include "lib/apply/redirect.h"
#include "lib/base/error.h"
#include "lib/process/process.h"

namespace care {

namespace {

bool a_jump_stands(const Region &region, const RemoteMemory &memory) {
  return std::any_of(region.hunks.begin(), region.hunks.end(), [&](const Hunk &h) {
    std::vector<CodeWrite> writes = writes_of(h);
    return std::any_of(writes.begin(), writes.end(),
                       [&](const CodeWrite &w) { return holds(memory, w, w.after); });
  });
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

std::vector<Region> find_leftovers(const Target &target) {
  std::vector<Region> found;
  for (const Region &region : target.regions()) {
    bool abandoned = region.state == RegionState::staged && is_dead(region.doctor) &&
                     !a_jump_stands(region, target.memory());
    if (region.state == RegionState::undone || abandoned)
      found.push_back(region);
  }
  return found;
}

} // namespace care
