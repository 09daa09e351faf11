// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commit: the only moment at which the target stands still as a whole. Stop
// all threads, check that the code is what the patch expects and that no thread is in it, write
// the jumps, let go. When it is not safe: let all go but those that are in the way, and
// wait for these (drain_threads.h); when that does not help let all go, wait, try again.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "lib/coroutines/check.h"
#include "lib/runtime/hooks.h"
#include "lib/target/redirect.h"
#include "lib/target/target.h"
#include "lib/unwind/safety.h"

namespace care {

// An object that was to be changed was unloaded: what stands in its place is not to be
// written to.
class ObjectGone : public Error {
 public:
  using Error::Error;
};

struct CommitRequest {
  std::vector<LoadedObject> objects; // that `writes` are for
  std::vector<CodeRange> forbidden;  // no thread may be in it
  // Of C++20 coroutines in it, that names of ranges do not tell.
  std::set<RemoteAddr> coroutine_bodies;
  std::vector<CodeWrite> writes;
  // Regions whose state changes in the same stop, and to what.
  std::vector<std::pair<RemoteAddr, RegionState>> states;
  HookPlan hooks;
  std::chrono::milliseconds timeout{10000};
  bool dry_run = false; // stop and check, write nothing
  CoroutineMode coroutines = CoroutineMode::automatic;
};

// A patch whose jumps go away: its code, and its pads, where a thread would run on into
// whatever follows the padding. `name` is for messages.
void forbid_patch(const Region &region, const std::string &name, CommitRequest &request);

struct CommitReport {
  std::chrono::nanoseconds stop_time{};    // of the stop that succeeded
  std::chrono::nanoseconds longest_stop{}; // of all attempts
  int retries = 0;
  bool stopped_by_signal = false; // the process was in a stop of SIGSTOP's kind
  bool in_main = false;           // what was in the way last
  SafetyStats stats;
  CoroutineReport coroutines;
  std::vector<HookReport> hooks; // that ran
};

// Throws ObjectGone; Error unsafe at the deadline, naming thread, function and stack, refused when
// a hook says no; nothing was written then. `target` is refreshed between attempts.
CommitReport commit(Target &target, const CommitRequest &request);

} // namespace care
