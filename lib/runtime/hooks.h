// SPDX-License-Identifier: GPL-2.0-or-later
//
// Hooks: functions of a patch that run while the target stands still, between the
// safety check and the first jump, or behind the last one, so that a correction of
// data and the change of the code that relies on it are one. They run one after
// another in one borrowed thread; all others stand still. What a hook waits for
// hence never comes: it may take no lock, and malloc and stdio take some.
//
// The borrowed thread is a quiet one (borrowable_thread.h), so that even a hook that does
// allocate finds the allocator whole, if perhaps locked by another thread. Then, or
// when it runs in circles, it is given up at the deadline: the thread gets its
// registers back and the patch is refused. Should the doctor die, the hook runs to its
// end beside the other threads, which go on.
//
// The table of shadow variables (kpatch.h) is told that a hook runs. When a newer
// level of a patch replaces an older one, the new table takes over what hangs on the
// old one, before the first hook runs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/runtime/borrowable_thread.h"
#include "lib/runtime/saved_errno.h"
#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

struct HookCall {
  std::string object;
  RegionHook hook;
  RemoteAddr table; // of shadow variables, that the hook may use; 0: none
};

// Copies one shadow table over another: of the same object, old level to new.
struct CarriedTable {
  RemoteAddr from;
  RemoteAddr to;
};

struct HookPlan {
  std::vector<HookCall> before; // the first that returns non-zero refuses
  std::vector<HookCall> after;
  std::vector<CarriedTable> carried;
  std::chrono::milliseconds timeout{1000}; // for all of them together
  bool force = false;                      // run, but what `before` returns is only reported

  bool any_call() const { return !before.empty() || !after.empty(); }
};

struct HookReport {
  std::string object;
  std::string hook; // "pre-apply hook check"
  int64_t result = 0;
  std::chrono::nanoseconds time{};
};

// The hooks of `region` of these two kinds, for an object of that name.
void plan_hooks(const Region &region, MarkKind before, MarkKind after, HookPlan &plan);
// The shadow table of a region; 0 when it has none.
RemoteAddr shadow_table(const Region &region);

// One attempt at a commit. Construct it while the target runs.
class HookRun {
 public:
  HookRun(const Target &target, const HookPlan &plan);
  HookRun(const HookRun &) = delete;
  HookRun &operator=(const HookRun &) = delete;
  // Gives the thread back, and tables too unless succeeded() was called.
  ~HookRun();

  // All threads stand still. Empty: go on; otherwise why no thread can be borrowed now.
  std::string borrow(StoppedThreads &threads);
  // Throws Error refused, naming object and hook: it said no, raised a signal, or did
  // not return.
  void run_before(std::vector<HookReport> &reports);
  void run_after(std::vector<HookReport> &reports);
  void succeeded() { carried_ = false; }

 private:
  int64_t run(const HookCall &call, std::vector<HookReport> &reports);

  const Target &target_;
  const HookPlan &plan_;
  std::optional<BorrowableThreadRules> rules_;
  RemoteAddr errno_location_;
  ReturnTrampoline trampoline_;
  std::optional<InjectedCalls> calls_;
  bool carried_ = false;
};

} // namespace care
