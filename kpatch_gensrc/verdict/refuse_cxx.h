// SPDX-License-Identifier: GPL-2.0-or-later
//
// What C++ adds to the things that a patch to a running process cannot do.
#pragma once

#include "kpatch_gensrc/match/difference.h"

namespace care::gensrc {

// Throws Error naming the symbol, and the way out, for the first of these:
//   - a changed table of virtual functions, or changed type information
//   - a changed initialiser of a global object
//   - a new static object with a destructor
//   - a changed coroutine
void refuse_cxx(const Unit &original, const Unit &patched, Comparison &comparison,
                const Difference &difference);

} // namespace care::gensrc
