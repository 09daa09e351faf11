// SPDX-License-Identifier: GPL-2.0-or-later
//
// Call stacks of stopped threads, exactly.
//
// libunwind does the DWARF work, on accessors of ours: registers that were read
// before, memory through a cache, unwind tables from the target's own memory
// (unwind_tables.h). It opens no file.
//
// A stack is *complete* only when it ends in a frame whose return address the
// unwind information declares undefined, as _start, clone and clone3 do. Where a
// frame has no unwind information libunwind guesses by the frame pointer; such a
// guess ends the stack here, incomplete, since what lies above it is unknown.
#pragma once

#include <string>
#include <vector>

#include <sys/user.h>

#include "lib/process/memory.h"
#include "lib/unwind/unwind_tables.h"

namespace care {

struct Frame {
  RemoteAddr pc;
  RemoteAddr sp;
  // The pc itself is where execution goes on (innermost frame, or interrupted by
  // a signal); otherwise it is a return address, one behind its call.
  bool exact = false;

  // An address within the instruction that this frame is executing.
  RemoteAddr code() const { return exact ? pc : pc - 1; }
};

struct Stack {
  std::vector<Frame> frames; // innermost first
  bool complete = false;
  std::string end; // why it is not complete
};

// `memory` must not have cached anything of the stack before the thread stopped.
Stack unwind(const user_regs_struct &regs, const std::vector<UnwindTable> &tables,
             CachedMemory &memory);

// The first stack costs ten times what the next ones do (libunwind sets itself up,
// pages are touched for the first time): pay that before the target stands still.
void warm_up_unwinder(const std::vector<UnwindTable> &tables, const RemoteMemory &memory);

// "#0 0x7f12... libc.so.6+0x1234" lines, for messages; cut after `limit` frames.
std::string stack_text(const Stack &stack, const std::vector<UnwindTable> &tables,
                       size_t limit = 32);

} // namespace care
