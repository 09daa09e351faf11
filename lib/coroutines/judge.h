// SPDX-License-Identifier: GPL-2.0-or-later
//
// Is a return address that lies somewhere in memory one that will be returned to?
//
//   1. A saved context's stack, unwound, has it in a frame: live.
//   2. No whole stack is behind it: unwinding from it (the unwind tables say where the
//      caller's return address must be) meets a place that holds none. No frame can be
//      there: stale.
//   3. Its stack leads into the stack of a saved context which does not have it in a
//      frame: that stack has moved on since: stale.
//   4. It was left behind by a signal handler on an alternate stack: stale.
//   5. It is a function's first byte too, behind a call that does not return: a pointer
//      to the function, stale.
//   6. Otherwise: doubtful. What cannot be ruled out is in the way where anything else
//      tells of coroutines; ordinary programs keep such words as well (libstdc++ the place
//      where an exception was caught).
//
// A stack is whole when it ends in a proper end or in a return address that somebody
// put there by hand, as all makers of coroutines do: code that no call precedes
// (__start_context, finish, a function's first byte), or 0.
//
// Frames whose unwind rule needs %rbp get the values that the words around the
// candidate offer; when none gives a whole stack the candidate stays in the way,
// provided that there is other code on the same stretch of memory.
#pragma once

#include <string>
#include <vector>

#include "lib/coroutines/areas.h"
#include "lib/coroutines/memory_scan.h"
#include "lib/coroutines/saved_context.h"
#include "lib/unwind/unwinder.h"

namespace care {

enum class Verdict { stale, doubtful, live };

struct Judgement {
  Verdict verdict = Verdict::live;
  std::string why;
  Stack stack; // unless stale
};

// What the judge knows; all of it must be from the same stop.
struct Evidence {
  const std::vector<Area> &areas;
  const std::vector<UnwindTable> &tables;
  std::vector<SavedContext> contexts;
  std::vector<RemoteAddr> ucontexts; // all that look like one, stale or not
};

class Judge {
 public:
  Judge(Evidence evidence, CodeMap &code, CachedMemory &memory);

  Judgement judge(const FoundWord &candidate);

  const std::vector<SavedContext> &contexts() const { return evidence_.contexts; }

 private:
  enum class Chain { whole, broken, unknown, handler };
  struct Walk {
    Chain chain = Chain::unknown;
    Stack stack; // without what lies behind a hand-made end
  };

  Walk walk(const user_regs_struct &regs);
  Walk follow(const FoundWord &candidate, RemoteAddr pointer = {});
  const Walk &walk_of(size_t context);
  std::vector<size_t> contexts_near(RemoteAddr at) const;
  bool among_code(RemoteAddr at);
  bool in_old_ucontext(RemoteAddr at) const;
  bool bounded(const SavedContext &context, RemoteAddr at) const;

  Evidence evidence_; // contexts ascending by sp
  CodeMap &code_;
  CachedMemory &memory_;
  std::vector<std::optional<Walk>> walks_; // of the contexts
};

} // namespace care
