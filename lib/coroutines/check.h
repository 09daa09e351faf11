// SPDX-License-Identifier: GPL-2.0-or-later
//
// Stacks that no thread runs on: does one of them lead into code that is to be
// replaced?
//
// look() does the long work while the target runs: it reads all writable memory once
// and notes where stacks are (pages that hold return addresses, saved contexts). In the
// stop only those places are read again, with a margin, and memory that was mapped since;
// all of the memory when there is little of it. When nothing in the program makes
// stacks and no stack was seen, the stop costs nothing.
//
// A stack that is made after look(), in memory that was there before and held none, is
// not seen where the memory is larger than what is read in the stop; `--coroutines=scan`
// reads it all.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/coroutines/areas.h"
#include "lib/coroutines/judge.h"
#include "lib/coroutines/mode.h"
#include "lib/process/process.h"
#include "lib/unwind/safety.h"

namespace care {

// What a program's symbols tell of its coroutines.
struct CoroutineSigns {
  std::vector<std::string> reasons; // "prog imports swapcontext"
  // The C library's functions that leave a frame for another stack: longjmp, swapcontext.
  std::set<RemoteAddr> long_jumps;
  // Bodies of C++20 coroutines in the code that is to go, where the name of a range does
  // not tell.
  std::set<RemoteAddr> bodies;
};

struct CoroutineReport {
  uint64_t bytes_before = 0; // read while the target ran
  uint64_t bytes_stopped = 0;
  uint64_t contexts = 0; // known ones, near what was found
  uint64_t live = 0;
  uint64_t stale = 0;
};

class CoroutineCheck {
 public:
  // `process` and `memory` outlive it.
  CoroutineCheck(const Process &process, const RemoteMemory &memory, CoroutineMode mode,
                 CoroutineSigns signs);
  ~CoroutineCheck();

  // Before each stop. `except`: addresses in mappings that are ours.
  void look(const SafetyQuestion &question, const std::set<RemoteAddr> &except);
  // In the stop, when the threads' own stacks are safe: what is in the way, as text.
  std::optional<std::string> obstacle(const StoppedThreads &threads,
                                      const SafetyQuestion &question);
  // Is this a return address that a program put there by hand, as the end of a stack that
  // he made? For SafetyQuestion. As long as this object lives, and after a look().
  bool made_by_hand(RemoteAddr pc);

  const CoroutineReport &report() const { return report_; }

 private:
  struct Stop;

  bool worth_a_stop() const;
  void find_areas(const MemoryMap &map, const std::set<RemoteAddr> &except);
  void say_too_large(RemoteRange range);
  void note_stacks(const Marks &marks);
  std::vector<RemoteRange> ranges_in_stop(const MemoryMap &map);
  std::vector<RemoteRange> pages_in_stop(RemoteRange range) const;
  bool counts_in_doubt(const Area *area) const;
  std::optional<std::string> judge_all(Stop &stop);
  void say(const FoundWord &found, const std::string &function, const std::string &judgement) const;

  const Process &process_;
  const RemoteMemory &memory_;
  CoroutineMode mode_;
  CoroutineSigns signs_;
  CoroutineReport report_;
  std::optional<uint64_t> guard_;
  ResidentPages pages_;
  bool said_off_ = false;
  bool said_large_ = false;

  // Of the last look:
  Clock::time_point looked_at_{};
  std::chrono::nanoseconds look_cost_{};
  std::set<RemoteAddr> except_;
  std::vector<UnwindTable> tables_;
  std::unique_ptr<CodeMap> code_;
  std::vector<Area> areas_;             // without threads' stacks
  std::vector<RemoteRange> threads_;    // their stacks
  std::vector<RemoteRange> pages_seen_; // that exist, ascending
  uint64_t resident_ = 0;               // bytes of these
  std::vector<RemoteRange> stacks_;     // where stacks were seen, with a margin
};

} // namespace care
