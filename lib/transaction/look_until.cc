// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/look_until.h"

#include <thread>

#include "lib/unwind/stack_scan.h"

namespace care {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStopLimit(100);
constexpr milliseconds kLongestPause(50);
// On a busy machine one look can take longer than all of them should.
constexpr int kFewestLooks = 8;

bool look_once(const Target &target, const std::function<bool(const StoppedThreads &)> &look) {
  StoppedThreads threads(target.process().pid(), target.process().start_stop());
  threads.seize_all();
  warm_up_stacks(threads.count());
  return threads.stop(kStopLimit) && look(threads);
}

} // namespace

bool look_until(const Target &target, Clock::time_point deadline,
                const std::function<bool(const StoppedThreads &)> &look) {
  milliseconds pause(1);
  for (int looks = 1;; looks++) {
    if (look_once(target, look))
      return true;
    if (looks >= kFewestLooks && Clock::now() + pause >= deadline)
      return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

} // namespace care
