// SPDX-License-Identifier: GPL-2.0-or-later
//
// Access to thread-local variables that the fix adds.
//
// A new variable has no place in the program's own thread-local block: there is no
// room in threads that already run, and every offset in the program would move. It
// lies in a block that the patch brings, at an offset from the thread pointer that is
// known when the patch is applied: a word of the patch, the variable's *slot*, holds
// it. Whatever model the compiler used, the code is rewritten to take the offset from
// the slot:
//
//   %fs:x@tpoff, $x@tpoff            the slot's value in place of the constant, by the
//                                    means of extern_access.h
//   x@gottpoff(%rip)                 slot(%rip)
//   leaq x@tlsgd(%rip), %rdi; call   movq %fs:0, %rax; addq slot(%rip), %rax
//   leaq x@tlsdesc(%rip), %reg; call movq slot(%rip), %reg
//   x@tlsld ... x@dtpoff             see below
//
// Local-dynamic code asks once for the start of the module's block and adds x@dtpoff
// anywhere, to anything. When a function does so with new variables only, the start is
// replaced by the thread pointer and x@dtpoff by the slot's value. When old ones are
// among them, the start stays as it is and a second kind of slot holds the distance
// from there, which is the same in every thread only if the module's block has a
// fixed place, too.
#pragma once

#include <map>
#include <string>

#include "kpatch_gensrc/emit/extern_access.h"
#include "kpatch_gensrc/emit/symbol_text.h"

namespace care::gensrc {

class TlsAccess {
 public:
  // For the function whose group `leader` of `unit` leads.
  TlsAccess(const Unit &unit, AtomId leader, Targets &targets);

  // Is `statement` the rest of a call sequence that was replaced, to be left out?
  bool swallow(const Statement &statement);

  // `text` has its final symbols. Writes what stands for it as a whole to `out`, when
  // it is part of such a sequence. False: it is not.
  bool replace(const std::string &text, std::string &out);

  // `text` with slots in place of new variables. Those whose value has to be loaded
  // first are added to `slots`.
  std::string rewrite(std::string text, ValueSlots &slots);

 private:
  void look_at(std::string_view text);

  const Unit &unit_;
  Targets &targets_;
  std::map<std::string, AtomId> new_variables_; // that the function uses, by emitted name
  bool new_by_distance_ = false;                // x@dtpoff of a new variable
  std::string old_by_distance_;                 // an old one that is used so, or empty
  bool in_call_ = false;                        // between the lea and the call
};

} // namespace care::gensrc
