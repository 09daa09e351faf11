// SPDX-License-Identifier: GPL-2.0-or-later
//
// Functions that a table names in each other's place: where the original's table of
// operations has `old_answer`, the patched one has `new_answer`, and each is gone from
// the other file.
//
// Objects on the heap point to such tables, and unchanged code may have copied what is in
// them, so a new table would be read by new objects only. But a table need not change when
// the old function's entry leads to the new one: whoever has the old address, wherever it
// is kept, gets what the fix has in that place. And as that is one of the jumps of the patch,
// callers that pass other arguments now and the function that takes them change in one
// moment.
//
// Only where the tables agree in all but such names, and each function stands for one
// other wherever a table names it; static functions only, since another file may know a
// global one by its name.
#pragma once

#include "kpatch_gensrc/match/comparison.h"

namespace care::gensrc {

// To be called when what has names is paired.
void pair_renamed(const Unit &original, const Unit &patched, AtomPairs &pairs);

} // namespace care::gensrc
