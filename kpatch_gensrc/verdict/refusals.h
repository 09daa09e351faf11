// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a patch to a running process cannot do, found before anything is written.
#pragma once

#include "kpatch_gensrc/match/difference.h"
#include "kpatch_gensrc/match/fix_marks.h"

namespace care::gensrc {

// Throws Error naming the symbol, both values or sizes, the place, and what can be
// done instead, for the first of these:
//   - a changed initial value, size or kind of existing writable data, or its
//     removal, unless a mark says that it may be ignored
//   - changed constants that other files or pointers can see, vtables among them
//   - a changed list of constructors, or a changed constructor
//   - new or changed thread-local variables
//   - an alias with another target; a changed IFUNC resolver or versioned symbol
//   - a static function or variable that becomes global
//   - changes to linker sets, or to code and data that belong to no symbol
void refuse_what_cannot_be_done(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                                Comparison &comparison, const Difference &difference,
                                const std::vector<Mark> &marks);

// How a variable differs from the original's: "size 4 -> 8", or the first values that do;
// "" when it does not, or is new. `atom` is of the patched file.
std::string describe_change(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                            Comparison &comparison, AtomId atom);

} // namespace care::gensrc
