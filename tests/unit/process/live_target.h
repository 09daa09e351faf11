// SPDX-License-Identifier: GPL-2.0-or-later
//
// Processes to try things on: our own children, never anybody else's. A child ends
// with its LiveTarget, and with the test program at the latest.
#pragma once

#include <algorithm>
#include <csignal>
#include <functional>
#include <string>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "lib/process/process.h"

namespace care {

// Memory that the test and its child share, for flags and counters.
template<typename T>
class Shared {
 public:
  Shared() : value_(new (map()) T()) {}
  Shared(const Shared &) = delete;
  Shared &operator=(const Shared &) = delete;
  ~Shared() { munmap(value_, sizeof(T)); }
  T &operator*() const { return *value_; }
  T *operator->() const { return value_; }

 private:
  static void *map() {
    return mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  }
  T *value_;
};

class LiveTarget {
 public:
  // A child that runs `body`, which must not return.
  explicit LiveTarget(const std::function<void()> &body) : pid_(fork()) {
    if (pid_ != 0)
      return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    _exit(0);
  }
  LiveTarget(const LiveTarget &) = delete;
  LiveTarget &operator=(const LiveTarget &) = delete;
  ~LiveTarget() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, __WALL);
    }
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// Waits up to `seconds` for `condition`; machines can be busy.
template<typename Condition>
bool eventually(Condition condition, double seconds = 60) {
  for (double waited = 0; waited < seconds; waited += 0.001) {
    if (condition())
      return true;
    usleep(1000);
  }
  return condition();
}

// Waits until the child has so many threads and all of them sleep, as pause() and read() do.
// What runs on its way there does not: the end of a body that sleeps nowhere else is reached
// then, handlers and flags are set.
inline bool asleep(const LiveTarget &target, size_t threads = 1) {
  return eventually([&] {
    try {
      std::vector<pid_t> tids = list_threads(target.pid());
      return tids.size() == threads && std::all_of(tids.begin(), tids.end(), [](pid_t tid) {
               return read_status(tid).state == 'S';
             });
    } catch (const Error &) { // one of them ended meanwhile
      return false;
    }
  });
}

} // namespace care
