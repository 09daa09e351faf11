// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which function or variable of the patched file is which of the original one.
#pragma once

#include "kpatch_gensrc/match/comparison.h"

namespace care::gensrc {

// Pairs functions and variables, to a fixed point. Throws Error when a variable
// that must keep its value cannot be told from others of its name.
void pair_atoms(const Unit &original, const Unit &patched, AtomPairs &pairs,
                Comparison &comparison);

} // namespace care::gensrc
