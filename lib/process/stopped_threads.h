// SPDX-License-Identifier: GPL-2.0-or-later
//
// Stopping a process, all of it, and letting it go again.
//
// Threads are seized while they run (PTRACE_SEIZE stops nothing), then
// interrupted all at once, then awaited; /proc/PID/task is looked at again
// until no thread is new. Only from the first PTRACE_INTERRUPT to the last
// PTRACE_DETACH does the target stand still. Between two attempts nothing stays
// attached: an attached thread would stop at every signal until somebody
// looked, and a doctor that dies then has nothing to leave behind.
//
// What the target must not notice:
//   * a signal that a thread was about to take when it stopped is handed back
//     to it unchanged (the kernel keeps its siginfo) and delivered at once
//   * interrupted system calls restart, also those that SIGCONT would turn into
//     EINTR (interrupted_call.h)
//   * a process stopped by SIGSTOP stays stopped (detaching puts it back)
//   * threads that exit while being stopped simply count no more
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <vector>

#include <sys/types.h>

#include "lib/base/fd.h"

namespace care {

using Clock = std::chrono::steady_clock;

// Threads of one process under this tracer. All of them are detached by the
// destructor, whatever path leads there.
class StoppedThreads {
 public:
  // Nothing is attached yet.
  explicit StoppedThreads(pid_t pid);
  StoppedThreads(const StoppedThreads &) = delete;
  StoppedThreads &operator=(const StoppedThreads &) = delete;
  ~StoppedThreads();

  // Attaches to every thread; all go on running. Throws Error: no_permission
  // (the process has a tracer, rights are missing), no_process.
  void seize_all();
  // The same for one thread only. False when it exited.
  bool seize_one(pid_t tid);

  // Stops what is seized, and with `find_new` every thread that appears
  // meanwhile. False when some thread did not stop within `limit` (it sleeps
  // where no signal reaches it: on a dead NFS server, in vfork): then release
  // and try later. Throws Error no_process when nothing is left.
  bool stop(std::chrono::microseconds limit, bool find_new = true);

  // Detaches from all; what was stopped runs again.
  void release();

  // Thread ids that stand still now.
  const std::vector<pid_t> &stopped() const { return stopped_; }
  pid_t pid() const { return pid_; }
  // From the first interrupt to the last detach of the last stop; while it
  // lasts, up to now.
  std::chrono::nanoseconds stop_time() const;

  // For the injected call, which resumes one thread by itself: it reports that
  // the thread went away.
  void forget(pid_t tid);

 private:
  bool seize_new_threads();
  void interrupt(pid_t tid);
  bool await(pid_t tid, Clock::time_point deadline);
  void detach(pid_t tid);
  bool complete() const;

  pid_t pid_;
  Fd task_dir_;
  std::set<pid_t> seized_;      // attached, running or interrupted
  std::set<pid_t> dead_leader_; // a leader that exited before its threads did
  std::vector<pid_t> stopped_;
  Clock::time_point stop_begin_{};
  Clock::time_point stop_end_{};
};

} // namespace care
