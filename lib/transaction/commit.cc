// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/commit.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <thread>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/target/coroutine_signs.h"
#include "lib/transaction/last_check.h"
#include "lib/unwind/drain_threads.h"
#include "lib/unwind/stack_scan.h"

namespace care {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause(1);
constexpr milliseconds kLongestPause(50);
// For how long an attempt watches the threads that are inside.
constexpr milliseconds kFirstPatience(50);
constexpr milliseconds kLongestPatience(1000);

// How long all may stand still until the last one does. A thread in the kernel
// that no signal reaches is not waited for at the cost of the others. Where many more
// programs want to run than there are processors a thread may not come to run at all in
// that time: then the next attempt has twice the patience.
constexpr int kMostStretch = 8; // a quarter of a second
microseconds stop_limit(size_t threads, int stretch) {
  return (milliseconds(30) + microseconds(200) * threads) * stretch;
}

bool waits_in_kernel(pid_t pid) {
  std::vector<pid_t> threads = list_threads(pid);
  return std::any_of(threads.begin(), threads.end(), [](pid_t tid) {
    try {
      return read_status(tid).state == 'D';
    } catch (const Error &) { // it ended
      return false;
    }
  });
}

void write_states(const RemoteMemory &memory,
                  const std::vector<std::pair<RemoteAddr, RegionState>> &states) {
  for (auto [region, state] : states) {
    auto value = static_cast<uint32_t>(state);
    memory.write(region + kRegionStateOffset,
                 std::string_view(reinterpret_cast<const char *>(&value), sizeof value));
  }
}

// The change, with hooks in front of it and behind. One that fails behind it takes the
// change back. Returns why no thread can run them now, or nothing.
std::string change(const RemoteMemory &memory, const CommitRequest &request,
                   StoppedThreads &threads, HookRun &hooks, CommitReport &report) {
  std::string obstacle = hooks.borrow(threads);
  if (!obstacle.empty())
    return obstacle;
  hooks.run_before(report.hooks);
  write_code(memory, request.writes);
  // Last the words that say so: a region never claims jumps that do not stand, and what
  // a doctor did not live to finish is seen (unfinished.h).
  try {
    hooks.run_after(report.hooks);
    write_states(memory, request.states);
  } catch (...) {
    take_back_code(memory, request.writes);
    throw;
  }
  hooks.succeeded();
  return {};
}

// Our own memory holds addresses of the code too.
std::set<RemoteAddr> own_memory(const Target &target, const CommitRequest &request) {
  std::set<RemoteAddr> own;
  for (auto [region, state] : request.states)
    own.insert(region);
  for (const Region &region : target.regions())
    own.insert(region.self);
  return own;
}

// Says once for each thread and function what is waited for.
class Announcer {
 public:
  explicit Announcer(std::string process) : process_(std::move(process)) {}
  void say(const std::string &obstacle) {
    std::string headline = obstacle.substr(0, obstacle.find('\n'));
    if (headline != said_)
      log_info("{}: the code is in use, waiting: {}", process_, headline);
    said_ = headline;
  }

 private:
  std::string process_;
  std::string said_;
};

struct Attempt {
  std::string obstacle;    // what is in the way; empty when the commit is done
  bool all_stopped = true; // or some thread did not
  bool busy = false;       // because no processor was free for it
};

// Waits until `until` for those who are inside.
Attempt attempt(Target &target, const CommitRequest &request, const ForbiddenCode &forbidden,
                CoroutineCheck &coroutines, Clock::time_point until, int stretch,
                Announcer &announcer, CommitReport &report) {
  SafetyQuestion question{forbidden, target.tables(), target.map()};
  coroutines.look(question, own_memory(target, request));
  question.made_by_hand = [&](RemoteAddr pc) { return coroutines.made_by_hand(pc); };
  StoppedThreads threads(target.process().pid(), target.process().start_stop());
  std::optional<HookRun> hooks(std::in_place, target, request.hooks);
  threads.seize_all();
  size_t count = threads.count();
  ClearRequest clear{until, stop_limit(count, stretch),
                     [&](const Obstacle &o) { announcer.say(o.text(question.tables)); },
                     [&] { coroutines.look(question, own_memory(target, request)); }};
  warm_up_stacks(count);
  LastCheck last_check(request);
  last_check.run(target.memory());
  Attempt result;
  report.stats = {};
  if (!threads.stop(clear.stop_limit)) {
    result.all_stopped = false;
    result.busy = !waits_in_kernel(target.process().pid());
    result.obstacle = result.busy ? "a thread does not come to run (the machine is busy)"
                                  : "a thread does not come to a stop (it waits in the kernel)";
  } else {
    std::optional<Obstacle> found =
        drain_threads(threads, question, target.memory(), clear, report.stats);
    if (!found)
      last_check.run(target.memory());
    std::optional<std::string> suspended;
    if (!found)
      suspended = coroutines.obstacle(threads, question);
    if (!found && !suspended && !request.dry_run)
      result.obstacle = change(target.memory(), request, threads, *hooks, report);
    hooks.reset(); // the borrowed thread is itself again before it runs
    threads.release();
    report.in_main = found && found->function == "main";
    if (found)
      result.obstacle = found->text(question.tables);
    if (suspended)
      result.obstacle = *suspended;
  }
  hooks.reset();
  threads.release();
  // Where not all came to their stop on a busy machine, an earlier attempt knows better.
  if (result.all_stopped || threads.group_stopped())
    report.stopped_by_signal = threads.group_stopped();
  report.stop_time = threads.stop_time();
  report.longest_stop = std::max(report.longest_stop, threads.longest_stop());
  return result;
}

// A process that was stopped by a signal leaves no function by itself.
const char *hint_for(const CommitReport &report) {
  if (report.stopped_by_signal)
    return "nothing was changed; the process is stopped by a signal and cannot leave the "
           "function before it gets SIGCONT";
  if (report.in_main)
    return "nothing was changed; main returns when the program ends: only one that is started "
           "anew can have the patch (libcare-ctl exec)";
  return "nothing was changed; a longer --timeout helps when the function returns sooner or later";
}

} // namespace

void forbid_patch(const Region &region, const std::string &name, CommitRequest &request) {
  request.forbidden.push_back({region.code(), name});
  for (const Hunk &hunk : region.hunks) {
    if (hunk.pad)
      request.forbidden.push_back({{hunk.pad, hunk.pad + kJumpSize}, "the pad of " + hunk.name});
  }
  for (const RegionHook &hook : region.hooks) {
    if (hook.kind == MarkKind::coroutine)
      request.coroutine_bodies.insert(hook.at);
  }
}

CommitReport commit(Target &target, const CommitRequest &request) {
  CommitReport report;
  ForbiddenCode forbidden(request.forbidden);
  Clock::time_point deadline = Clock::now() + request.timeout;
  if (!request.dry_run)
    prepare_pages(target.memory(), request.writes);
  warm_up_unwinder(target.tables(), target.memory());
  CoroutineSigns signs = coroutine_signs(target);
  signs.bodies = request.coroutine_bodies;
  CoroutineCheck coroutines(target.process(), target.memory(), request.coroutines,
                            std::move(signs));
  Announcer announcer(target.process().text());
  milliseconds patience = kFirstPatience;
  std::string reason;
  int stretch = 1;
  for (milliseconds pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    Clock::time_point until = std::min(deadline, Clock::now() + patience);
    Attempt tried =
        attempt(target, request, forbidden, coroutines, until, stretch, announcer, report);
    if (tried.busy)
      stretch = std::min(stretch * 2, kMostStretch);
    report.coroutines = coroutines.report();
    if (tried.obstacle.empty())
      return report;
    announcer.say(tried.obstacle);
    // On a busy machine stopping can fail now and then, which tells less.
    if (tried.all_stopped || reason.empty())
      reason = tried.obstacle;
    if (Clock::now() + pause >= deadline)
      throw error(ExitCode::unsafe, "the code was in use for {} ms: {}", request.timeout.count(),
                  reason)
          .with_hint(hint_for(report));
    std::this_thread::sleep_for(pause);
    report.retries++;
    patience = std::min(patience * 2, kLongestPatience);
    // Libraries can have come and gone, with their unwind tables.
    target.refresh();
  }
}

} // namespace care
