// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/drain_threads.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/process/process.h"

namespace care {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// More threads than this are not collected one by one: their stacks take too long.
constexpr size_t kMostInside = 64;
// Between two looks at threads that run inside: the first, and at most.
constexpr microseconds kFirstLook(100);
constexpr microseconds kRareLook(20000);
// While others are held for it.
constexpr microseconds kOftenLook(500);
// For how long others are held while everybody inside sleeps.
constexpr milliseconds kMaxHoldForSleepers(2);
// Until one thread stops; what takes longer waits in the kernel.
constexpr milliseconds kStopOne(5);
// Of watching and stopping all, until the process is let alone for a while.
constexpr int kMostRounds = 4;
// At the kernel's door between two looks; a thread that comes more often runs on.
constexpr int kMostCalls = 8;

struct Inside {
  pid_t tid = 0;
  bool held = false; // outside, and stopped
  bool watched = true;
  int calls = 0; // seen at the kernel's door since the last look
};

enum class Others { held, running };

class Collect {
 public:
  Collect(StoppedThreads &threads, const SafetyQuestion &question, const RemoteMemory &memory,
          const std::vector<Obstacle> &obstacles, Others others)
      : threads_(threads), question_(question), memory_(memory), others_(others) {
    for (const Obstacle &o : obstacles)
      inside_.push_back({.tid = o.tid});
  }

  // True when all are stopped outside.
  bool run(Clock::time_point until) {
    last_event_ = Clock::now();
    if (others_ == Others::held)
      held_since_ = last_event_;
    for (Inside &i : inside_) {
      i.watched = threads_.is_stopped(i.tid);
      if (i.watched)
        threads_.watch(i.tid, true);
    }
    microseconds pause = kFirstLook;
    while (!all_out()) {
      if (threads_.group_stopped() || Clock::now() >= until || held_too_long())
        return false;
      std::vector<pid_t> arrived = threads_.await_watched(pause);
      for (pid_t tid : arrived)
        on_syscall_stop(tid);
      if (!arrived.empty())
        continue;
      if (!look())
        return false;
      pause = std::min(pause * 2, held_since_ ? kOftenLook : kRareLook);
    }
    return true;
  }

 private:
  bool all_out() {
    // Those that exited are out, too.
    std::erase_if(inside_, [&](const Inside &i) { return !threads_.seized(i.tid); });
    return std::all_of(inside_.begin(), inside_.end(), [](const Inside &i) { return i.held; });
  }

  bool held_too_long() const { return held_since_ && Clock::now() - *held_since_ > kMaxHold; }

  bool outside(pid_t tid) const {
    SafetyStats stats;
    return check_threads({tid}, threads_.pid(), question_, memory_, stats, 1).empty();
  }

  void hold(Inside &i) {
    i.held = true;
    if (!held_since_)
      held_since_ = Clock::now();
  }

  void on_syscall_stop(pid_t tid) {
    auto i =
        std::find_if(inside_.begin(), inside_.end(), [&](const Inside &x) { return x.tid == tid; });
    if (i == inside_.end() || threads_.group_stopped())
      return;
    last_event_ = Clock::now();
    // Looked at again behind the door: a signal may have led it elsewhere.
    if (outside(tid) && threads_.stop_one(tid, kStopOne) && outside(tid))
      return hold(*i);
    if (!threads_.is_stopped(tid) || threads_.group_stopped())
      return;
    i->watched = ++i->calls < kMostCalls;
    threads_.watch(tid, i->watched);
  }

  // Looks at those who may have left without a system call. False when it is hopeless.
  bool look() {
    bool anyone_runs = false;
    for (Inside &i : inside_) {
      i.calls = 0;
      if (i.held || !threads_.seized(i.tid))
        continue;
      bool runs = process_alive(i.tid) && read_status(i.tid).state == 'R';
      anyone_runs = anyone_runs || runs;
      if (!runs && i.watched)
        continue;
      if (!threads_.stop_one(i.tid, kStopOne) || threads_.group_stopped())
        continue;
      if (outside(i.tid)) {
        hold(i);
      } else {
        i.watched = true;
        threads_.watch(i.tid, true);
      }
    }
    return others_ == Others::running || anyone_runs ||
           Clock::now() - last_event_ < kMaxHoldForSleepers;
  }

  StoppedThreads &threads_;
  const SafetyQuestion &question_;
  const RemoteMemory &memory_;
  Others others_;
  std::vector<Inside> inside_;
  Clock::time_point last_event_;
  std::optional<Clock::time_point> held_since_; // that a thread is held for others
};

std::vector<pid_t> tids_of(const std::vector<Obstacle> &obstacles) {
  std::vector<pid_t> tids;
  for (const Obstacle &o : obstacles)
    tids.push_back(o.tid);
  return tids;
}

} // namespace

std::optional<Obstacle> drain_threads(StoppedThreads &threads, const SafetyQuestion &question,
                                      const RemoteMemory &memory, const ClearRequest &request,
                                      SafetyStats &stats) {
  std::optional<Obstacle> reason;
  for (int round = 0; round < kMostRounds; round++) {
    stats = {};
    std::vector<Obstacle> found =
        check_threads(threads.stopped(), threads.pid(), question, memory, stats, kMostInside);
    if (found.empty())
      return std::nullopt;
    reason = found.front();
    bool hopeless = threads.group_stopped() || found.size() >= kMostInside;
    bool caught = !hopeless && round > 0 &&
                  Collect(threads, question, memory, found, Others::held).run(request.until);
    if (!caught) {
      threads.release_others(tids_of(found));
      if (round == 0)
        request.waiting(*reason);
      if (hopeless || threads.group_stopped() ||
          !Collect(threads, question, memory, found, Others::running).run(request.until))
        return reason;
      request.before_stop();
      threads.seize_all();
    }
    if (!threads.stop(request.stop_limit))
      return reason;
  }
  return reason;
}

} // namespace care
