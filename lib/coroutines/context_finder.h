// SPDX-License-Identifier: GPL-2.0-or-later
//
// The saved contexts behind the marks of a scan, those that count still. One stop's work.
#pragma once

#include <map>
#include <vector>

#include <sys/types.h>

#include "lib/coroutines/areas.h"
#include "lib/coroutines/memory_scan.h"
#include "lib/coroutines/saved_context.h"

namespace care {

struct StoppedThread {
  pid_t tid = 0;
  user_regs_struct regs{};
};

// All of it from the same stop; outlives the finder.
struct FinderInput {
  const RemoteMemory &memory;
  const MemoryMap &map;
  const std::vector<Area> &areas;
  const std::vector<RemoteRange> &ranges; // that were scanned
  bool whole = false;                     // they are all there is
  const Marks &marks;
  const std::vector<StoppedThread> &threads;
  std::optional<uint64_t> pointer_guard;
  const std::set<RemoteAddr> &long_jumps;
};

class ContextFinder {
 public:
  ContextFinder(const FinderInput &input, CodeMap &code, CachedMemory &stacks)
      : in_(input), code_(code), stacks_(stacks) {}

  std::vector<SavedContext> find();

 private:
  void add(std::optional<SavedContext> context);
  void add_switches();
  enum class Callee { other, switches, unknown };
  Callee callee_of(RemoteAddr return_address);
  void drop_old();

  const FinderInput &in_;
  CodeMap &code_;
  CachedMemory &stacks_;
  std::vector<SavedContext> contexts_;
  std::map<RemoteAddr, Callee> callees_; // by return address
};

} // namespace care
