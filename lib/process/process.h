// SPDX-License-Identifier: GPL-2.0-or-later
//
// What /proc says about a process, without touching it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "lib/base/address.h"
#include "lib/base/error.h"
#include "lib/process/maps.h"
#include "lib/process/start_stop.h"

namespace care {

// The errors that every part below shares, so that they read the same.
Error no_such_process(pid_t pid);
// `errnum` from ptrace or from opening /proc/PID/mem: EPERM, EACCES. Names the
// tracer when the process already has one, and what is needed otherwise.
Error ptrace_refused(pid_t tid, int errnum);

// False for a zombie too: its memory is gone.
bool process_alive(pid_t tid);

struct ProcessStatus {
  pid_t pid = 0; // thread group
  pid_t ppid = 0;
  std::string comm;
  char state = '?'; // as in /proc/PID/status: R S D T t Z X I
  pid_t tracer = 0; // 0: none
  int threads = 0;
  int seccomp = 0;            // 0 off, 1 strict, 2 filter
  bool kernel_thread = false; // has no memory of its own
};

// Of process or thread `tid`. Throws Error no_process.
ProcessStatus read_status(pid_t tid);

// Thread ids, ascending.
std::vector<pid_t> list_threads(pid_t pid);
// Numbers of open files, ascending.
std::vector<int> list_descriptors(pid_t pid);
// All processes that /proc shows, ascending.
std::vector<pid_t> list_processes();

// Field `number` of /proc/PID/stat as proc(5) counts them, 4 and up; 0 for one that
// this kernel does not have or does not show us. Throws Error no_process.
uint64_t stat_field(pid_t pid, int number);

// When the process was started, in clock ticks since boot: with the pid, its
// identity, since pids are used again.
uint64_t start_time(pid_t pid);

// A process that can be worked on: 64-bit, with memory of its own.
class Process {
 public:
  // Throws Error: no_process, or unsupported for kernel threads and 32-bit.
  explicit Process(pid_t pid, StartStop start_stop = StartStop::none);

  StartStop start_stop() const { return start_stop_; }
  pid_t pid() const { return pid_; }
  // A live thread; the group leader unless it has exited already (its /proc
  // files are empty then, while other threads live on).
  pid_t tid() const { return tid_; }
  const std::string &comm() const { return comm_; }
  // "pid 4711 (redis-server)"
  std::string text() const;

  MemoryMap read_map() const;
  // Value of an AT_ constant in the auxiliary vector.
  std::optional<uint64_t> auxv(uint64_t type) const;

 private:
  pid_t pid_;
  pid_t tid_;
  StartStop start_stop_;
  std::string comm_;
};

} // namespace care
