// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a patch to a running process cannot do, found before anything is written.
#pragma once

#include "kpatch_gensrc/difference.h"

namespace care {

// Throws Error naming the symbol, both values or sizes, the place, and what can be
// done instead, for the first of these:
//   - a changed initial value, size or kind of existing writable data
//   - changed data that other files or pointers can see
//   - a changed list of constructors, or a changed constructor
//   - new or changed thread-local variables
//   - an alias with another target; a changed IFUNC resolver or versioned symbol
//   - a static function or variable that becomes global
//   - changes to linker sets, or to code and data that belong to no symbol
void refuse_what_cannot_be_done(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                                Comparison &comparison, const Difference &difference);

} // namespace care
