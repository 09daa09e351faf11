// SPDX-License-Identifier: GPL-2.0-or-later
//
// Why a function or a variable counts as changed: the first place where the
// two streams part, as text and as source line.
#pragma once

#include <string>

#include "kpatch_gensrc/match/difference.h"

namespace care::gensrc {

// One side of the first difference. `text` is empty where the side has ended.
struct DifferingStatement {
  std::string text;
  std::string where; // source file:line from .loc, else assembly file:line
};

struct FirstDifference {
  std::string part; // "body", "cold part", "data it uses: NAME", ...
  DifferingStatement original;
  DifferingStatement patched;
};

FirstDifference explain_function(const Unit &original, const Unit &patched, Comparison &comparison,
                                 const ChangedFunction &function);

// For data that should not differ. Both atoms are named.
FirstDifference explain_data(const Unit &original, const Unit &patched, Comparison &comparison,
                             AtomId a, AtomId b);

// The source line of a statement, from the .loc in front of it; the assembly's
// own file and line when there is none.
std::string source_line(const Unit &unit, uint32_t offset);

// "movl $1, %eax (a.c:3) -> movl $2, %eax (a.c:3)"
std::string one_line(const FirstDifference &difference);

} // namespace care::gensrc
