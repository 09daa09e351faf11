// SPDX-License-Identifier: GPL-2.0-or-later
//
// A patch is a transaction over a whole process: all objects of the bundle in one
// commit, or none. Inspect, stage, commit; on any failure before the commit
// everything is undone, and the target has run all the while.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "lib/patchfile/bundle.h"
#include "lib/transaction/commit.h"

namespace care {

enum class ObjectResult {
  applied,
  replaced,
  already_applied,
  would_apply,
  undone,
  would_undo,
  unloaded, // the target unloaded the object; what the patch left was taken away
};
const char *result_text(ObjectResult result);

struct ObjectReport {
  std::string object;
  std::string build_id; // raw bytes
  ObjectResult result = ObjectResult::applied;
  std::string name; // of the patch; may be empty
  uint32_t level = 0;
  std::optional<uint32_t> replaced_level; // that of the patch it takes the place of
  std::vector<std::string> functions;
  RemoteAddr region;
  uint64_t region_size = 0;
};

// What the time went to. The target runs all the while, but for the commit's stop and
// the short ones of single threads.
struct PhaseTimes {
  std::chrono::nanoseconds inspect{};
  std::chrono::nanoseconds stage{};
  std::chrono::nanoseconds register_frames{};
  std::chrono::nanoseconds commit{}; // with all waiting
  std::chrono::nanoseconds clean_up{};
};

struct ProcessReport {
  pid_t pid = 0;
  std::string comm;
  std::vector<ObjectReport> objects; // empty: nothing of this process matched
  std::vector<ObjectReport> removed; // patches of objects that are gone
  bool committed = false;            // the target was stopped; `commit` tells for how long
  CommitReport commit;
  PhaseTimes phases;
  std::vector<std::string> warnings;
};

struct TransactionOptions {
  std::chrono::milliseconds timeout{10000};
  bool dry_run = false;
  std::chrono::milliseconds hook_timeout{1000}; // for all hooks of one side of the change
  // Replace a level that is not older; undo although a hook refuses.
  bool force = false;
  CoroutineMode coroutines = CoroutineMode::automatic;
  StartStop start_stop = StartStop::none; // apply_bundle: by whom constructed it (program_start.h)
};

// Applies every patch of the bundle that is for an object of the process. Throws
// Error, and nothing has changed then.
ProcessReport apply_bundle(pid_t pid, const Bundle &bundle, const TransactionOptions &options);

// Takes patches out again, in one stop: those whose build-id begins with one of
// `selectors` (hex), whose object has that name, or that have it themselves; all when
// there are none.
ProcessReport undo_patches(pid_t pid, const std::vector<std::string> &selectors,
                           const TransactionOptions &options);

} // namespace care
