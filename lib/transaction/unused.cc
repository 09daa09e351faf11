// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/unused.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/control/stopped_threads.h"
#include "lib/runtime/frames.h"
#include "lib/runtime/stage.h"
#include "lib/runtime/tls_block.h"
#include "lib/transaction/look_until.h"
#include "lib/unwind/safety.h"

namespace care {

namespace {

// Longer than a call takes that reads what undone code has returned.
constexpr std::chrono::milliseconds kLongestWait(130);

struct InUse {
  std::vector<Region> regions;
  std::optional<pid_t> thread; // that holds an address in one of them
};

std::optional<pid_t> holder_of(const StoppedThreads &threads, const Target &target,
                               const std::vector<Region> &regions) {
  std::vector<CodeRange> whole;
  for (const Region &region : regions) {
    for (const RemoteRange &part : region.parts())
      whole.push_back({part, "an undone patch"});
  }
  SafetyQuestion question{ForbiddenCode(whole), target.tables(), target.map()};
  return find_holder(threads, question, target.memory());
}

// Keeps of `held` what some thread holds an address in.
void look_again(const StoppedThreads &threads, const Target &target, InUse &held) {
  held.thread = holder_of(threads, target, held.regions);
  if (!held.thread)
    held.regions.clear();
  else if (held.regions.size() > 1)
    std::erase_if(held.regions, [&](const Region &r) { return !holder_of(threads, target, {r}); });
}

// Nothing leads into undone code any more, but a caller may still be about to read a
// string that it returned. Waits until no register and no stack holds an address in the
// regions; returns those that one does for longer than a call takes.
InUse wait_until_forgotten(const Target &target, const std::vector<Region> &regions) {
  InUse held{regions, std::nullopt};
  look_until(target, Clock::now() + kLongestWait, [&](const StoppedThreads &threads) {
    look_again(threads, target, held);
    return held.regions.empty();
  });
  return held;
}

bool among(const std::vector<Region> &regions, const Region &region) {
  return std::any_of(regions.begin(), regions.end(),
                     [&](const Region &r) { return r.self == region.self; });
}

} // namespace

std::string unmap_unused(Target &target, std::vector<Region> regions,
                         std::chrono::milliseconds timeout) {
  if (regions.empty())
    return {};
  try {
    std::vector<Region> silent; // that the unwinder knows nothing of any more
    for (Region &region : regions) {
      remove_frames(target, region, timeout);
      close_tls(target, region, timeout);
      if (!holds_registrations(region))
        silent.push_back(region);
    }
    InUse held = wait_until_forgotten(target, silent);
    std::vector<RemoteRange> ranges;
    for (const Region &region : silent) {
      if (among(held.regions, region))
        continue;
      std::vector<RemoteRange> parts = region.parts();
      ranges.insert(ranges.end(), parts.begin(), parts.end());
    }
    if (!ranges.empty())
      unmap_ranges(target, ranges);
    if (!held.regions.empty())
      return fmt::format(
          "thread {} holds an address in it{}", held.thread.value_or(target.process().pid()),
          held.regions.size() == 1 ? "" : fmt::format(" ({} patches)", held.regions.size()));
  } catch (const std::exception &e) {
    return as_error(e).message();
  }
  return {};
}

} // namespace care
