// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/library_call.h"

#include <algorithm>
#include <thread>

#include "lib/base/error.h"
#include "lib/resolve/imports.h"
#include "lib/runtime/borrowable_thread.h"
#include "lib/runtime/saved_errno.h"

namespace care {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kThreadPatience(50); // for one thread to come to its stop
constexpr milliseconds kLongestPause(50);

RemoteAddr require_errno_function(const Target &target) {
  if (RemoteAddr found = errno_function(target))
    return found;
  throw error(ExitCode::unsupported, "process {} has no C library whose functions can be called",
              target.process().pid())
      .with_hint("a static program: what needs a library function cannot be done there");
}

class LibraryCall {
 public:
  LibraryCall(const Target &target, Clock::time_point deadline,
              const std::function<void(InjectedCalls &)> &body)
      : target_(target), deadline_(deadline), body_(body),
        errno_location_(require_errno_function(target)), trampoline_(target.return_trampoline()) {}

  // False: no thread was quiet; obstacle() tells of the last one.
  bool attempt() {
    BorrowableThreadRules rules(target_);
    for (Protection least : {Protection::whole, Protection::timely}) {
      least_ = least;
      for (pid_t tid : list_threads(target_.process().pid())) {
        if (try_thread(tid, rules))
          return true;
        if (Clock::now() > deadline_)
          break;
      }
    }
    return false;
  }

  const std::string &obstacle() const { return obstacle_; }

 private:
  bool try_thread(pid_t tid, const BorrowableThreadRules &rules) {
    StoppedThreads threads(target_.process().pid(), target_.process().start_stop());
    if (!threads.seize_one(tid))
      return false;
    if (!threads.stop(kThreadPatience, false) || threads.stopped().empty()) {
      obstacle_ = fmt::format("thread {} does not come to a stop", tid);
      return false;
    }
    std::string obstacle = rules.obstacle(tid);
    if (!obstacle.empty()) {
      obstacle_ = obstacle;
      return false;
    }
    Protection found = protection(tid, rules.map());
    if (found > least_) {
      obstacle_ = fmt::format("thread {} has no room for a signal frame", tid);
      return false;
    }
    InjectedCalls calls(threads, tid, target_.memory(), rules.map(), trampoline_);
    calls.set_deadline(deadline_);
    keep_errno(calls, errno_location_);
    body_(calls);
    return true;
  }

  const Target &target_;
  Clock::time_point deadline_;
  const std::function<void(InjectedCalls &)> &body_;
  RemoteAddr errno_location_;
  ReturnTrampoline trampoline_;
  Protection least_ = Protection::whole;
  std::string obstacle_;
};

} // namespace

void with_library_call(const Target &target, milliseconds timeout,
                       const std::function<void(InjectedCalls &)> &body) {
  Clock::time_point deadline = Clock::now() + timeout;
  LibraryCall call(target, deadline, body);
  for (milliseconds pause(1);; pause = std::min(pause * 2, kLongestPause)) {
    if (call.attempt())
      return;
    if (!process_alive(target.process().tid()))
      throw no_such_process(target.process().pid());
    if (Clock::now() + pause >= deadline)
      throw error(ExitCode::unsafe, "no thread can call a library function now: {}",
                  call.obstacle())
          .with_hint("try again later, or with a longer --timeout");
    std::this_thread::sleep_for(pause);
  }
}

RemoteAddr find_function(Target &target, const std::string &name) {
  const LoadedObject *program = main_program(target.process(), target.objects(), target.cache());
  if (!program)
    return {};
  ImportScope scope(target.process(), target.objects(), *program, target.cache());
  ResolvedImport found = scope.resolve({name, "", ImportKind::function, true});
  if (found.resolver)
    throw error(ExitCode::unsupported, "{} is an indirect function that the program does not use",
                name);
  return RemoteAddr(found.value);
}

} // namespace care
