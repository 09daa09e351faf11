// SPDX-License-Identifier: GPL-2.0-or-later
//
// A program that is about to start, run up to the point where it can be patched and no
// instruction of its own has run yet.
//
// The doctor attaches before the program is executed and stays attached until it is
// patched: nothing is written into it, a hardware breakpoint stops it.
//
//   at its entry     libraries are mapped and relocated, indirect functions resolved, and
//                    the libraries' constructors have run
//   in the linker    the same, but no constructor has run. The dynamic linker tells
//                    debuggers so, by calling _dl_debug_state() with RT_CONSISTENT in
//                    struct r_debug (<link.h>); musl does likewise
//
// While it runs there under a breakpoint it ends when the doctor does: the trap would
// kill it anyway. Signals that arrive meanwhile are handed on.
#pragma once

#include <optional>

#include <sys/types.h>

#include "lib/base/address.h"
#include "lib/process/start_stop.h"

namespace care {

class ProgramStart {
 public:
  // Attaches to `pid`, which runs. Throws Error no_permission, no_process.
  explicit ProgramStart(pid_t pid);
  ProgramStart(const ProgramStart &) = delete;
  ProgramStart &operator=(const ProgramStart &) = delete;
  // Lets it go on.
  ~ProgramStart();

  // Waits for its exec; it stands still then, before the first instruction. False when it
  // ended without.
  bool await_exec();

  // Runs it to `point`, or to its entry when that comes first, and tells which it was: a
  // static program has no linker to stop in. It stands still then, for Target to be
  // constructed with the answer. Throws Error unsupported without hardware breakpoints,
  // no_process when it ended.
  StartStop run_to(StartStop point);

  // Ends it with an exit code instead of letting it go.
  void end(int code);

 private:
  void resume(int signal);
  // The status of the next stop. Throws Error no_process when it ended.
  int wait_for_stop();
  void stand_still();
  void set_breakpoints(RemoteAddr first, RemoteAddr second);
  void step();
  RemoteAddr run_to_breakpoint(RemoteAddr first, RemoteAddr second);

  pid_t pid_;
  bool attached_ = true;
};

} // namespace care
