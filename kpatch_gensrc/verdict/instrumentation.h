// SPDX-License-Identifier: GPL-2.0-or-later
//
// What compiler flags leave in the code that a patch cannot bring.
#pragma once

#include "kpatch_gensrc/match/difference.h"

namespace care::gensrc {

// Throws Error (unsupported) that names the function, the symbol and the flag when a
// changed or new function is instrumented or uses the medium or large code model.
void refuse_instrumented(const Unit &patched, const Difference &difference);

} // namespace care::gensrc
