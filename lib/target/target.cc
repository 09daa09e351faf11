// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/target.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/control/stopped_threads.h"

namespace care {

namespace {

using std::chrono::milliseconds;

// How long one thread may take to come to its stop before another is asked, and
// for how long threads are asked.
constexpr milliseconds kThreadPatience(50);
constexpr milliseconds kPatience(2000);
constexpr size_t kMostAsked = 32;

bool try_thread(const Target &target, pid_t tid, const MemoryMap &map, ReturnTrampoline trampoline,
                Protection least, const std::function<void(InjectedCalls &)> &body) {
  StoppedThreads threads(target.process().pid(), target.process().start_stop());
  if (!threads.seize_one(tid) || !threads.stop(kThreadPatience, false) ||
      threads.stopped().empty() || in_restartable_sequence(tid, target.memory()))
    return false;
  if (least != Protection::none && protection(tid, map) > least)
    return false;
  if (least == Protection::none)
    log_debug("thread {} has no room for a signal frame", tid);
  InjectedCalls calls(threads, tid, target.memory(), map, trampoline);
  body(calls);
  return true;
}

// The main thread first: it is there for good. Not all of thousands.
std::vector<pid_t> candidates(const Target &target) {
  std::vector<pid_t> threads = list_threads(target.process().pid());
  // By their numbers it need not be: those begin again at some height.
  auto main_thread = std::find(threads.begin(), threads.end(), target.process().pid());
  if (main_thread != threads.end())
    std::rotate(threads.begin(), main_thread, main_thread + 1);
  threads.resize(std::min(threads.size(), kMostAsked));
  return threads;
}

} // namespace

Target::Target(pid_t pid, StartStop start_stop)
    : process_(pid, start_stop), memory_(process_.tid()) {
  refresh();
}

void Target::refresh() {
  cache_ = std::make_unique<CachedMemory>(memory_);
  map_ = process_.read_map();
  objects_ = find_objects(map_, *cache_);
  regions_ = find_regions(map_, memory_);
}

ReturnTrampoline Target::return_trampoline() const {
  return make_return_trampoline(objects_, memory_);
}

void Target::check_same_program() const {
  if (!process_alive(process_.tid()))
    throw no_such_process(process_.pid());
  // A file's: what was staged near the program is gone when a commit has failed.
  auto m = std::find_if(map_.begin(), map_.end(),
                        [](const Mapping &x) { return x.read && !x.anonymous(); });
  if (m != map_.end() && !memory_.still_there(m->range.begin))
    throw error(ExitCode::no_process, "process {} executed another program meanwhile",
                process_.pid());
}

bool Target::await_linker(Clock::time_point deadline) {
  bool waited = false;
  while (linker_state(process_, objects_, memory_) == LinkerState::busy) {
    if (Clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(milliseconds(1));
    waited = true;
    refresh();
  }
  // What was found before it came to rest may not be all.
  if (waited)
    refresh();
  return true;
}

std::vector<UnwindTable> Target::tables() const {
  std::vector<UnwindTable> tables = unwind_tables(objects_);
  for (const Region &r : regions_) {
    if (!r.eh_frame_hdr)
      continue;
    UnwindTable table{r.code(), r.eh_frame_hdr, "the patch of " + r.object_name, r.image()};
    for (const Hunk &h : r.hunks) {
      table.functions.push_back({h.replacement, h.name});
      table.functions.push_back({h.replacement_cold, h.name + ".cold"});
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

const LoadedObject *Target::object_of(const Region &region) const {
  auto it = std::find_if(objects_.begin(), objects_.end(), [&](const LoadedObject &o) {
    return o.header == region.object_header && o.bias == region.bias &&
           o.build_id == region.build_id;
  });
  return it == objects_.end() ? nullptr : &*it;
}

std::vector<const Region *> Target::regions_of(const LoadedObject &object) const {
  std::vector<const Region *> found;
  for (const Region &r : regions_) {
    if (object_of(r) == &object && region_in_force(r, memory_))
      found.push_back(&r);
  }
  return found;
}

void with_injected_calls(const Target &target, const std::function<void(InjectedCalls &)> &body) {
  ReturnTrampoline trampoline = target.return_trampoline();
  Clock::time_point deadline = Clock::now() + kPatience;
  do {
    MemoryMap map = target.process().read_map(); // while all run: it can be long
    for (Protection least : {Protection::whole, Protection::timely, Protection::none}) {
      for (pid_t tid : candidates(target)) {
        if (try_thread(target, tid, map, trampoline, least, body))
          return;
        if (Clock::now() > deadline)
          break;
      }
    }
    std::this_thread::sleep_for(milliseconds(1));
    if (!process_alive(target.process().tid()))
      throw no_such_process(target.process().pid());
  } while (Clock::now() < deadline);
  throw error(ExitCode::unsafe, "no thread of process {} comes to a stop", target.process().pid())
      .with_hint("all of its threads wait in the kernel (disk, vfork); try again later");
}

} // namespace care
