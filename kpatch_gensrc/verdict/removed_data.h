// SPDX-License-Identifier: GPL-2.0-or-later
//
// Variables that the patched file lacks. The fix may have dropped one with all its uses, or
// only the last write to a static one: then the compiler takes the initial value for
// it, or splits a structure into other variables, while the source still has it and the
// process holds another value. Assembly does not tell which, so both are refused
// where code that reached the variable goes on; KPATCH_IGNORE says that it is no loss:
//
//     extern int limit;
//     KPATCH_IGNORE(limit, "nothing reads it any more");
#pragma once

#include "kpatch_gensrc/match/difference.h"
#include "kpatch_gensrc/match/fix_marks.h"

namespace care::gensrc {

// Throws Error (unsupported) for the first one that neither a mark covers nor all of its
// users left with it. Constants and inline variables of other files are no matter.
void refuse_removed_data(const Unit &original, const AtomPairs &pairs, const Difference &difference,
                         const std::vector<Mark> &marks);

// What a KPATCH_IGNORE is about when the variable is gone: "removed, 4 bytes"; empty
// when it names none that is.
std::string describe_removed(const Unit &original, const Difference &difference, const Mark &mark);

} // namespace care::gensrc
