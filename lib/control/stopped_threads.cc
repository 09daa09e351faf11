// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/control/stopped_threads.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/control/interrupted_call.h"
#include "lib/control/thread_wait.h"
#include "lib/control/wait_timer.h"
#include "lib/process/process.h"

namespace care {

namespace {

// Rounds of looking for new threads before stopping what there is: a process
// that starts threads faster than we seize them has to be stopped first.
constexpr int kSeizeRounds = 5;

// PTRACE_EVENT_STOP: our interrupt, or a group stop.
bool is_event_stop(int status) {
  return status >> 16 == PTRACE_EVENT_STOP;
}

// At the kernel's door (PTRACE_O_TRACESYSGOOD).
bool is_syscall_stop(int status) {
  return WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
}

// SIGCHLD kept for sigtimedwait(), which unlike waitpid() has a timeout. Blocked it is
// never dropped, whatever the process does with it otherwise.
class ChildSignal {
 public:
  ChildSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &set_, &old_);
  }
  ChildSignal(const ChildSignal &) = delete;
  ChildSignal &operator=(const ChildSignal &) = delete;
  ~ChildSignal() { pthread_sigmask(SIG_SETMASK, &old_, nullptr); }

  void wait(std::chrono::nanoseconds limit) const {
    timespec time{limit.count() / 1000000000, limit.count() % 1000000000};
    sigtimedwait(&set_, nullptr, &time);
  }

 private:
  sigset_t set_{};
  sigset_t old_{};
};

} // namespace

StoppedThreads::StoppedThreads(pid_t pid, StartStop start_stop)
    : pid_(pid), start_stop_(start_stop) {
  int fd = open(fmt::format("/proc/{}/task", pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    throw no_such_process(pid);
  task_dir_ = Fd(fd);
}

StoppedThreads::~StoppedThreads() {
  try {
    release();
  } catch (const std::exception &e) {
    log_debug("while letting process {} go: {}", pid_, e.what());
  }
}

bool StoppedThreads::seize_one(pid_t tid) {
  if (is_at_start(tid)) {
    seized_.insert(tid);
    return true;
  }
  // TRACESYSGOOD tells an injected call's stops from signals; it has no effect
  // until PTRACE_SYSCALL is used.
  if (ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD) == 0) {
    seized_.insert(tid);
    return true;
  }
  int errnum = errno;
  if (errnum == ESRCH)
    return false;
  // A thread that is exiting cannot be seized any more, and says EPERM too.
  if (!process_alive(tid)) {
    if (tid == pid_)
      dead_leader_.insert(tid);
    return false;
  }
  // Ours since an earlier attempt, when it did not come to its stop.
  if (read_status(tid).tracer == getpid()) {
    seized_.insert(tid);
    return true;
  }
  throw ptrace_refused(tid, errnum);
}

bool StoppedThreads::seize_new_threads() {
  bool found = false;
  for (pid_t tid : list_threads(pid_)) {
    if (!seized_.contains(tid) && !dead_leader_.contains(tid) && seize_one(tid))
      found = true;
  }
  return found;
}

void StoppedThreads::seize_all() {
  for (int round = 0; round < kSeizeRounds && seize_new_threads(); round++) {
  }
  if (seized_.empty())
    throw no_such_process(pid_);
}

void StoppedThreads::interrupt(pid_t tid) {
  if (!is_at_start(tid) && ptrace(PTRACE_INTERRUPT, tid, 0, 0) != 0 && errno != ESRCH)
    throw system_error(errno, "cannot interrupt thread {}", tid);
}

// True when the thread stands still or is gone, false at the deadline.
bool StoppedThreads::await(pid_t tid, Clock::time_point deadline) {
  if (is_at_start(tid)) {
    stopped_.push_back(tid);
    return true;
  }
  for (;;) {
    int status = 0;
    pid_t got = wait_for_thread(tid, status);
    if (got < 0 && errno == EINTR) {
      // A leader that exits before its threads is not reported until they follow.
      if (tid == pid_ && !process_alive(tid)) {
        seized_.erase(tid);
        dead_leader_.insert(tid);
        return true;
      }
      if (Clock::now() < deadline)
        continue;
      return false;
    }
    if (got < 0 || WIFEXITED(status) || WIFSIGNALED(status)) {
      seized_.erase(tid);
      return true;
    }
    if (is_event_stop(status)) {
      note_event_stop(tid, status);
      stopped_.push_back(tid);
      return true;
    }
    // It was about to take a signal when the interrupt came: let it take it (the
    // handler's frame is set up in the kernel), our stop comes right behind.
    to_kernel_.erase(tid);
    resume(tid, is_syscall_stop(status) ? 0 : WSTOPSIG(status));
  }
}

void StoppedThreads::note_event_stop(pid_t tid, int status) {
  // By us, not by SIGSTOP. As early as can be: until then a death of ours shows.
  if (WSTOPSIG(status) == SIGTRAP)
    restart_interrupted_call(tid);
  else
    group_stopped_ = true;
}

void StoppedThreads::resume(pid_t tid, int signal) {
  if (ptrace(to_kernel_.contains(tid) ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, signal) != 0 &&
      errno != ESRCH)
    throw system_error(errno, "cannot continue thread {}", tid);
}

void StoppedThreads::watch(pid_t tid, bool to_kernel) {
  std::erase(stopped_, tid);
  if (to_kernel)
    to_kernel_.insert(tid);
  else
    to_kernel_.erase(tid);
  resume(tid, 0);
}

// True when a watched thread has come to a stop that await_watched() reports.
bool StoppedThreads::poll_watched(pid_t tid) {
  int status = 0;
  pid_t got = wait_for_thread(tid, status, WNOHANG);
  if (got == 0 || (got > 0 && std::find(stopped_.begin(), stopped_.end(), tid) != stopped_.end()))
    return false; // nothing, or nothing new
  if (got < 0 || !WIFSTOPPED(status)) {
    forget(tid);
    return false;
  }
  if (is_event_stop(status)) {
    note_event_stop(tid, status);
  } else if (!is_syscall_stop(status)) {
    resume(tid, WSTOPSIG(status));
    return false;
  }
  stopped_.push_back(tid);
  return true;
}

std::vector<pid_t> StoppedThreads::await_watched(std::chrono::microseconds limit) {
  ChildSignal child;
  Clock::time_point deadline = Clock::now() + limit;
  for (;;) {
    std::set<pid_t> watched = seized_;
    for (pid_t tid : stopped_)
      watched.erase(tid);
    std::vector<pid_t> arrived;
    for (pid_t tid : watched) {
      if (poll_watched(tid))
        arrived.push_back(tid);
    }
    Clock::time_point now = Clock::now();
    if (!arrived.empty() || seized_.size() == stopped_.size() || now >= deadline)
      return arrived;
    child.wait(deadline - now);
  }
}

bool StoppedThreads::stop_one(pid_t tid, std::chrono::microseconds limit) {
  WaitTimer timer;
  interrupt(tid);
  if (std::erase(stopped_, tid) > 0) {
    to_kernel_.erase(tid);
    resume(tid, 0);
  }
  if (!await(tid, Clock::now() + limit))
    return false;
  return seized_.contains(tid);
}

// As many threads as stand still? st_nlink of /proc/PID/task is 2 and one for
// each thread: one system call where reading the directory takes dozens.
bool StoppedThreads::complete() const {
  struct stat st {};
  if (fstat(task_dir_.get(), &st) != 0)
    return false;
  return st.st_nlink == 2 + stopped_.size() + dead_leader_.size();
}

bool StoppedThreads::stop(std::chrono::microseconds limit, bool find_new) {
  WaitTimer timer;
  Clock::time_point deadline = Clock::now() + limit;
  std::set<pid_t> running = seized_;
  for (pid_t tid : stopped_)
    running.erase(tid);
  std::vector<pid_t> fresh(running.begin(), running.end());
  stopped_.reserve(seized_.size());
  if (stop_begin_ == Clock::time_point{} || stop_end_ != Clock::time_point{}) {
    stop_begin_ = Clock::now();
    stop_end_ = {};
  }
  for (;;) {
    for (pid_t tid : fresh)
      interrupt(tid);
    for (pid_t tid : fresh) {
      if (!await(tid, deadline))
        return false;
    }
    // All that were seized have ended. Others may have begun: a process does not end with them.
    bool none_left = stopped_.empty() && seized_.empty();
    if (!find_new || (!none_left && complete()))
      return true;
    std::set<pid_t> before = seized_;
    if (!seize_new_threads()) {
      if (none_left)
        throw no_such_process(pid_);
      return true;
    }
    fresh.clear();
    std::set_difference(seized_.begin(), seized_.end(), before.begin(), before.end(),
                        std::back_inserter(fresh));
  }
}

void StoppedThreads::detach(pid_t tid) {
  if (is_at_start(tid))
    return;
  if (ptrace(PTRACE_DETACH, tid, 0, 0) != 0 && errno != ESRCH)
    log_debug("cannot detach from thread {}: {}", tid, errno_text(errno));
}

void StoppedThreads::release() {
  if (seized_.empty())
    return;
  for (pid_t tid : stopped_)
    detach(tid);
  end_stop();
  for (pid_t tid : stopped_)
    seized_.erase(tid);
  stopped_.clear();
  if (seized_.empty())
    return;
  // Seized and still running: only a stopped thread can be detached.
  WaitTimer timer;
  std::vector<pid_t> rest(seized_.begin(), seized_.end());
  for (pid_t tid : rest)
    interrupt(tid);
  for (pid_t tid : rest) {
    if (await(tid, Clock::now() + std::chrono::milliseconds(100)) && seized_.contains(tid))
      detach(tid);
    else if (seized_.contains(tid))
      log_debug("thread {} does not stop; it is let go when this program ends", tid);
  }
  seized_.clear();
  stopped_.clear();
}

void StoppedThreads::release_others(const std::vector<pid_t> &keep) {
  std::vector<pid_t> rest;
  for (pid_t tid : stopped_) {
    if (std::find(keep.begin(), keep.end(), tid) != keep.end()) {
      rest.push_back(tid);
      continue;
    }
    detach(tid);
    seized_.erase(tid);
  }
  stopped_ = rest;
  end_stop();
}

void StoppedThreads::end_stop() {
  if (stop_begin_ == Clock::time_point{} || stop_end_ != Clock::time_point{})
    return;
  stop_end_ = Clock::now();
  longest_ = std::max(longest_, stop_time());
}

std::chrono::nanoseconds StoppedThreads::stop_time() const {
  if (stop_begin_ == Clock::time_point{})
    return {};
  return (stop_end_ == Clock::time_point{} ? Clock::now() : stop_end_) - stop_begin_;
}

void StoppedThreads::forget(pid_t tid) {
  seized_.erase(tid);
  to_kernel_.erase(tid);
  std::erase(stopped_, tid);
}

} // namespace care
