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
// A single thread can be let run and be watched (watch(), await_watched()): it stops
// again where it enters or leaves the kernel. Neither single steps nor breakpoints,
// in code or in debug registers: all of those stay behind when the doctor is killed
// and end the target with SIGTRAP. A thread that is watched goes on when its tracer dies.
//
// What the target must not notice:
//   * a signal that a thread was about to take when it stopped is handed back
//     to it unchanged (the kernel keeps its siginfo) and delivered at once
//   * interrupted system calls restart, also those that SIGCONT would turn into
//     EINTR (interrupted_call.h)
//   * a process stopped by SIGSTOP stays stopped (detaching puts it back)
//   * threads that exit while being stopped simply count no more
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <vector>

#include <sys/types.h>

#include "lib/base/fd.h"
#include "lib/process/start_stop.h"

namespace care {

using Clock = std::chrono::steady_clock;

// Threads of one process under this tracer. All of them are detached by the
// destructor, whatever path leads there.
class StoppedThreads {
 public:
  // Nothing is attached yet; of a held process the first thread is, stands still, and
  // is left so.
  explicit StoppedThreads(pid_t pid, StartStop start_stop = StartStop::none);
  StoppedThreads(const StoppedThreads &) = delete;
  StoppedThreads &operator=(const StoppedThreads &) = delete;
  ~StoppedThreads();

  // Attaches to every thread; all go on running. Throws Error: no_permission
  // (the process has a tracer, rights are missing), no_process.
  void seize_all();
  // The same for one thread only. False when it exited.
  bool seize_one(pid_t tid);

  // Stops what is seized and runs, and with `find_new` every thread that appears
  // meanwhile. False when some thread did not stop within `limit` (it sleeps
  // where no signal reaches it: on a dead NFS server, in vfork): then release
  // and try later. Throws Error no_process when nothing is left of the process. Without
  // `find_new` what ended meanwhile is not in stopped(): it can be empty then.
  bool stop(std::chrono::microseconds limit, bool find_new = true);

  // Detaches from all; what was stopped runs again.
  void release();
  // From all but these.
  void release_others(const std::vector<pid_t> &keep);

  // Lets a stopped thread run until it enters or leaves the kernel, or for as long as
  // nobody stops it when `to_kernel` is false. await_watched() must be called soon and
  // often: the thread's signals wait for it.
  void watch(pid_t tid, bool to_kernel);
  // Those of the watched threads that stand at the kernel's door now; waits for the
  // first up to `limit`. They count as stopped. Threads that are gone are forgotten.
  std::vector<pid_t> await_watched(std::chrono::microseconds limit);
  // Stops one thread, or brings one from the kernel's door to a stop in which calls
  // can be injected; it executes nothing in between but what a signal makes it do.
  // False when it did not stop within `limit` or is gone.
  bool stop_one(pid_t tid, std::chrono::microseconds limit);
  // Was the process found stopped by SIGSTOP or the like? Its threads cannot be
  // watched then.
  bool group_stopped() const { return group_stopped_; }

  // Thread ids that stand still now.
  const std::vector<pid_t> &stopped() const { return stopped_; }
  bool is_stopped(pid_t tid) const {
    return std::find(stopped_.begin(), stopped_.end(), tid) != stopped_.end();
  }
  // Threads that are attached, stopped or not.
  size_t count() const { return seized_.size(); }
  bool seized(pid_t tid) const { return seized_.contains(tid); }
  pid_t pid() const { return pid_; }
  // From the first interrupt to the last detach of the last stop; while it
  // lasts, up to now.
  std::chrono::nanoseconds stop_time() const;
  // The longest of all stops so far.
  std::chrono::nanoseconds longest_stop() const { return std::max(longest_, stop_time()); }

  // For the injected call, which resumes one thread by itself: it reports that
  // the thread went away.
  void forget(pid_t tid);

 private:
  bool seize_new_threads();
  void interrupt(pid_t tid);
  bool await(pid_t tid, Clock::time_point deadline);
  void detach(pid_t tid);
  bool complete() const;
  void resume(pid_t tid, int signal);
  void note_event_stop(pid_t tid, int status);
  bool poll_watched(pid_t tid);
  void end_stop();

  bool is_at_start(pid_t tid) const { return start_stop_ != StartStop::none && tid == pid_; }

  pid_t pid_;
  StartStop start_stop_;
  Fd task_dir_;
  std::set<pid_t> seized_;      // attached, running or interrupted
  std::set<pid_t> dead_leader_; // a leader that exited before its threads did
  std::vector<pid_t> stopped_;
  std::set<pid_t> to_kernel_; // watched up to the kernel's door
  bool group_stopped_ = false;
  std::chrono::nanoseconds longest_{};
  Clock::time_point stop_begin_{};
  Clock::time_point stop_end_{};
};

} // namespace care
