// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/recovery.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <sys/syscall.h>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/process/link_map.h"
#include "lib/process/process.h"
#include "lib/runtime/frames.h"
#include "lib/runtime/stage.h"
#include "lib/runtime/tls_block.h"
#include "lib/target/leftovers.h"
#include "lib/target/mapping_note.h"
#include "lib/transaction/look_until.h"
#include "lib/transaction/unfinished.h"
#include "lib/unwind/safety.h"

namespace care {

namespace {

constexpr std::string_view kMemoryFile = "/memfd:libcare-";

void give_back_claim(Target &target) {
  std::vector<RemoteRange> ranges = abandoned_parts(target);
  if (ranges.empty())
    return;
  unmap_ranges(target, ranges);
  write_mapping_note(target.memory(), target.return_trampoline(), {});
  target.refresh();
}

bool has_begun_calls(const Region &region) {
  return std::any_of(region.registrations.begin(), region.registrations.end(),
                     [](const FrameRegistration &r) { return r.state == FrameState::begun; });
}

// Until no thread holds the address that injected calls return to. False at the deadline.
bool wait_for_calls(const Target &target, std::chrono::milliseconds timeout) {
  std::optional<ReturnTrampoline> trampoline =
      find_return_trampoline(target.objects(), target.memory());
  if (!trampoline)
    return true;
  SafetyQuestion question{ForbiddenCode({{trampoline->range(), "an injected call"}}),
                          target.tables(), target.process().read_map()};
  return look_until(target, Clock::now() + timeout, [&](const StoppedThreads &threads) {
    return !find_holder(threads, question, target.memory());
  });
}

const Region *region_at(const Target &target, RemoteAddr self) {
  for (const Region &region : target.regions()) {
    if (region.self == self)
      return &region;
  }
  return nullptr;
}

// Descriptors of memory files whose doctor did not come to close them.
std::vector<int> abandoned_descriptors(const Target &target) {
  std::vector<int> found;
  pid_t tid = target.process().tid();
  for (int fd : list_descriptors(tid)) {
    std::error_code closed; // since it was listed
    std::string to = std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", tid, fd), closed);
    if (!to.starts_with(kMemoryFile))
      continue;
    RemoteAddr self;
    std::from_chars(to.data() + kMemoryFile.size(), to.data() + to.size(), self.value, 16);
    const Region *region = region_at(target, self);
    if (!region || is_dead(region->doctor))
      found.push_back(fd);
  }
  return found;
}

void close_descriptors(const Target &target) {
  std::vector<int> descriptors = abandoned_descriptors(target);
  if (descriptors.empty())
    return;
  with_injected_calls(target, [&](InjectedCalls &calls) {
    for (int fd : descriptors)
      calls.syscall(SYS_close, {static_cast<uint64_t>(fd)});
  });
}

bool misses_handle(const Target &target, const Region &region) {
  return region.state == RegionState::staged && !region.tls_handle && is_dead(region.doctor) &&
         tls_mapping(target, region);
}

void settle_calls(Target &target, std::chrono::milliseconds timeout) {
  std::vector<Region> regions = target.regions();
  std::erase_if(regions,
                [&](const Region &r) { return !has_begun_calls(r) && !misses_handle(target, r); });
  if (regions.empty())
    return;
  if (!wait_for_calls(target, timeout)) {
    log_warning("{}: a call that an interrupted command began has not come to its end",
                target.process().text());
    return;
  }
  for (Region &region : regions) {
    settle_frames(target, region);
    std::optional<RemoteAddr> base = region.tls_handle ? std::nullopt : tls_mapping(target, region);
    if (!base)
      continue;
    CachedMemory memory(target.memory());
    region.tls_handle =
        find_link_map_at(target.process(), target.objects(), *base, memory).value_or(RemoteAddr());
    write_handle(target.memory(), region);
  }
  target.refresh();
}

} // namespace

std::vector<std::string> recover(Target &target, std::chrono::milliseconds timeout,
                                 std::chrono::milliseconds hook_timeout) {
  give_back_claim(target);
  settle_calls(target, timeout);
  close_descriptors(target);
  return finish_commits(target, timeout, hook_timeout);
}

} // namespace care
