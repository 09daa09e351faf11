// SPDX-License-Identifier: GPL-2.0-or-later
//
// A process as the doctor sees it before it touches anything: what is mapped,
// which objects are loaded, which patches it carries. A snapshot of a running
// process: what a decision hangs on is looked at again while it stands still.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "lib/control/remote_call.h"
#include "lib/process/link_map.h"
#include "lib/process/memory.h"
#include "lib/process/objects.h"
#include "lib/process/process.h"
#include "lib/target/region.h"
#include "lib/unwind/unwind_tables.h"

namespace care {

class Target {
 public:
  // Throws Error: no_process, no_permission, unsupported (see Process).
  explicit Target(pid_t pid, StartStop start_stop = StartStop::none);
  Target(const Target &) = delete;
  Target &operator=(const Target &) = delete;

  // Takes a new snapshot.
  void refresh();
  // Waits until the dynamic linker neither starts the program nor is in dlopen or
  // dlclose, and takes a new snapshot then. False when it is still at it at `deadline`.
  bool await_linker(Clock::time_point deadline);
  // Throws Error no_process when the process ended, or executed another program, since
  // this object was made: nothing that was read can be relied on then.
  void check_same_program() const;

  const Process &process() const { return process_; }
  const RemoteMemory &memory() const { return memory_; }
  CachedMemory &cache() { return *cache_; }
  const MemoryMap &map() const { return map_; }
  const std::vector<LoadedObject> &objects() const { return objects_; }
  const std::vector<Region> &regions() const { return regions_; }
  // Where injected calls come back to; written into the target if there is none yet.
  ReturnTrampoline return_trampoline() const;

  // Of all objects and of all regions that have them.
  std::vector<UnwindTable> tables() const;
  // The regions whose jumps stand in `object` now, in address order: one for each
  // patch name. Valid until refresh().
  std::vector<const Region *> regions_of(const LoadedObject &object) const;
  // The object that `region` patches, or null when it is no longer loaded there.
  const LoadedObject *object_of(const Region &region) const;

 private:
  Process process_;
  RemoteMemory memory_;
  std::unique_ptr<CachedMemory> cache_;
  MemoryMap map_;
  std::vector<LoadedObject> objects_;
  std::vector<Region> regions_;
};

// Stops one thread for as long as `body` injects calls into it. All others run.
// Throws Error unsafe when no thread comes to a stop where calls can be made.
void with_injected_calls(const Target &target, const std::function<void(InjectedCalls &)> &body);

} // namespace care
