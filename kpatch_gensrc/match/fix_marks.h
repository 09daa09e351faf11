// SPDX-License-Identifier: GPL-2.0-or-later
//
// Marks: what the fix says to us with the macros of kpatch.h. Each is a constant in
// a section .kpatch_mark.KIND that holds the address of what it is about and, for
// KPATCH_IGNORE, a text. Only those of the patched file count; one that stands in
// the original too is part of the program and means nothing.
//
// The part that kpatch_tool and the doctor need goes on in .kpatch.marks
// (docs/patch-format.rst).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kpatch_gensrc/asm/atoms.h"

namespace care::gensrc {

// The numbers are those of .kpatch.marks; `force` ends here.
enum class MacroKind {
  pre_apply = 1,
  post_apply = 2,
  pre_undo = 3,
  post_undo = 4,
  shadow_table = 5,
  ignore = 6,
  unsafe = 7,
  force = 0,
};

struct Mark {
  MacroKind kind = MacroKind::force;
  SymId symbol = kNone; // what it is about
  std::string text;     // the reason of KPATCH_IGNORE
  uint32_t offset = 0;  // in the patched file, for messages

  bool is_hook() const { return kind >= MacroKind::pre_apply && kind <= MacroKind::post_undo; }
};

// "KPATCH_PRE_APPLY", for messages.
std::string_view macro_name(MacroKind kind);

// The marks of the patched file that the original lacks, in the order of the file. Throws
// Error for one of an unknown kind or about nothing, and for KPATCH_IGNORE without
// a reason.
std::vector<Mark> read_marks(const Unit &original, const Unit &patched);

// The functions that the marks want in the patch even when nothing changed in them:
// KPATCH_FORCE, and hooks. Leaders of the patched file. Throws Error for what is no
// function of this file.
std::set<AtomId> forced_functions(const Unit &patched, const std::vector<Mark> &marks);

// The reason why changes of the variable `atom` (of the patched file) are to be ignored;
// null when they are not.
const Mark *ignore_mark(const Unit &patched, const std::vector<Mark> &marks, AtomId atom);

// The table of kpatch.h's shadow variables: in the patch only where code uses it.
bool is_shadow_table(std::string_view name);

// One record of .kpatch.marks.
struct EmittedMark {
  MacroKind kind = MacroKind::force;
  std::string symbol;
  std::string name;
  std::string text;
};

} // namespace care::gensrc
