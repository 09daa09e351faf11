// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which lambda of the patched file is which of the original.
//
// Compilers number the lambdas of a function in the order of the source, so a new one
// in front shifts the numbers of all others. A function object that was made before
// the patch holds the address of its lambda's code: pairing by name would have it
// run another lambda. So the lambdas of one scope are aligned by the content of
// their bodies; a changed one has its place between the same two. All functions that
// templates made for a lambda then follow it.
#pragma once

#include "kpatch_gensrc/match/comparison.h"

namespace care::gensrc {

// Functions whose names differ only in the lambda's number.
struct ClosureFamily {
  std::vector<AtomId> original;
  std::vector<AtomId> patched;
};

// Pairs what is not paired yet; true when something was. Throws Error when it cannot
// be told which of several lambdas changed and which are new.
bool pair_closures(const Unit &original, const Unit &patched,
                   const std::vector<ClosureFamily> &families, AtomPairs &pairs,
                   Comparison &comparison);

} // namespace care::gensrc
