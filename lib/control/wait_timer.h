// SPDX-License-Identifier: GPL-2.0-or-later
//
// Breaks a blocking waitpid every few milliseconds (EINTR), so that a thread that
// never stops cannot hold us: waitpid has no timeout, and polling would take the
// very processor time that the threads need to come to their stop.
#pragma once

#include <csignal>

#include <sys/time.h>

namespace care {

// As long as it lives. It uses the process's one ITIMER_REAL and SIGALRM; what was
// set up before is put back.
class WaitTimer {
 public:
  WaitTimer() {
    struct sigaction action {};
    action.sa_handler = [](int) {}; // without SA_RESTART
    sigaction(SIGALRM, &action, &old_action_);
    itimerval every{{0, 5000}, {0, 5000}};
    setitimer(ITIMER_REAL, &every, &old_timer_);
  }
  WaitTimer(const WaitTimer &) = delete;
  WaitTimer &operator=(const WaitTimer &) = delete;
  ~WaitTimer() {
    setitimer(ITIMER_REAL, &old_timer_, nullptr);
    sigaction(SIGALRM, &old_action_, nullptr);
  }

 private:
  struct sigaction old_action_ {};
  itimerval old_timer_{};
};

} // namespace care
