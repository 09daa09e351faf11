// SPDX-License-Identifier: GPL-2.0-or-later
//
// The canonical stream of an atom, reduced to a fingerprint and a list of refs.
#pragma once

#include "kpatch_gensrc/asm/unit.h"

namespace care::gensrc {

// Fills refs_begin, refs_end, fingerprint of all atoms, and Unit::refs.
void fingerprint_atoms(Unit &unit);

} // namespace care::gensrc
