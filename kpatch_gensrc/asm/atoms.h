// SPDX-License-Identifier: GPL-2.0-or-later
//
// From statements to atoms: who owns what.
#pragma once

#include "kpatch_gensrc/asm/unit.h"

namespace care::gensrc {

// Fills atoms, refs and the places of symbols of a parsed unit, then joins what
// belongs to one function into a group.
void make_atoms(Unit &unit);

} // namespace care::gensrc
