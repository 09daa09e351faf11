// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/unused.h"

#include <thread>

#include "lib/apply/frames.h"
#include "lib/apply/stage.h"
#include "lib/apply/tls_block.h"
#include "lib/base/error.h"
#include "lib/process/stopped_threads.h"
#include "lib/unwind/safety.h"

namespace care {

namespace {

constexpr std::chrono::milliseconds kLongestWait(64); // between two looks

// Nothing leads into undone code any more, but a caller may still be about to read a
// string that it returned. Waits until no register and no stack holds an address in
// `ranges`; throws Error when one does for longer than a call takes.
void wait_until_forgotten(const Target &target, const std::vector<RemoteRange> &ranges) {
  std::vector<CodeRange> whole;
  for (const RemoteRange &range : ranges)
    whole.push_back({range, "an undone patch"});
  SafetyQuestion question{ForbiddenCode(whole), target.tables(), target.map()};
  for (std::chrono::milliseconds pause(1);; pause *= 2) {
    StoppedThreads threads(target.process().pid(), target.process().held());
    threads.seize_all();
    bool stopped = threads.stop(std::chrono::milliseconds(100));
    std::optional<pid_t> holder;
    if (stopped)
      holder = find_holder(threads, question, target.memory());
    threads.release();
    if (stopped && !holder)
      return;
    if (pause > kLongestWait)
      throw error(ExitCode::unsafe, "thread {} holds an address in it",
                  holder.value_or(target.process().pid()))
          .with_hint("harmless; the next patch or unpatch of this process tries again");
    std::this_thread::sleep_for(pause);
  }
}

} // namespace

std::string unmap_unused(Target &target, std::vector<Region> regions,
                         std::chrono::milliseconds timeout) {
  if (regions.empty())
    return {};
  try {
    std::vector<RemoteRange> ranges;
    for (Region &region : regions) {
      remove_frames(target, region, timeout);
      close_tls(target, region, timeout);
      if (holds_registrations(region))
        continue;
      std::vector<RemoteRange> parts = region.parts();
      ranges.insert(ranges.end(), parts.begin(), parts.end());
    }
    wait_until_forgotten(target, ranges);
    unmap_ranges(target, ranges);
  } catch (const Error &e) {
    return e.message();
  }
  return {};
}

} // namespace care
