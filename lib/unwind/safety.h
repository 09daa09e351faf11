// SPDX-License-Identifier: GPL-2.0-or-later
//
// May this code be replaced now? For every stopped thread: it is not in it, and
// no return address leads into it.
//
//   1. Scan (stack_scan.h). Every word from the stack pointer up to the end of the
//      thread's own stack is taken for a possible return address. No hit proves safety.
//   2. Unwind, on a hit or without that proof. A complete stack without a frame
//      in the code proves safety too, when it ends on the thread's own stack. When
//      it ends elsewhere (the thread runs a coroutine) the own stack is scanned
//      as a whole besides.
//
// Everything else is not safe: the answer is never a guess.
//
// Stacks that no thread runs on at the moment (coroutines that are switched out) are
// looked at by lib/coroutines.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/control/stopped_threads.h"
#include "lib/process/maps.h"
#include "lib/process/memory.h"
#include "lib/unwind/forbidden_code.h"
#include "lib/unwind/unwind_tables.h"
#include "lib/unwind/unwinder.h"

namespace care {

// What to check against; prepared while the target runs.
struct SafetyQuestion {
  ForbiddenCode forbidden;
  std::vector<UnwindTable> tables;
  MemoryMap map;
  // A return address that ends a stack which the program made by itself (coroutines),
  // where no unwind information says so. May be empty.
  std::function<bool(RemoteAddr pc)> made_by_hand = {};
};

// Why the code may not be replaced now.
struct Obstacle {
  pid_t tid = 0;
  std::string function; // empty: the stack could not be understood
  Stack stack;
  // "thread 12 is in handle_request" with its stack below.
  std::string text(const std::vector<UnwindTable> &tables) const;
};

struct SafetyStats {
  uint64_t threads = 0;
  uint64_t words = 0;   // scanned
  uint64_t unwound = 0; // threads for which the scan was not enough
};

// What is in the way for some threads of process `pid`, which stand still: at most
// `limit` obstacles. Throws Error no_process.
std::vector<Obstacle> check_threads(const std::vector<pid_t> &tids, pid_t pid,
                                    const SafetyQuestion &question, const RemoteMemory &memory,
                                    SafetyStats &stats, size_t limit);

// A thread that holds an address within `question.forbidden`, in a register or on
// the used part of its stack, or whose stack could not be read: memory that is to
// be unmapped may still be in use by it. All threads stand still.
std::optional<pid_t> find_holder(const StoppedThreads &threads, const SafetyQuestion &question,
                                 const RemoteMemory &memory);

} // namespace care
