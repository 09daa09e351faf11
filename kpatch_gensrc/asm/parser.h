// SPDX-License-Identifier: GPL-2.0-or-later
//
// From text to statements and symbol attributes, in one pass.
#pragma once

#include "kpatch_gensrc/asm/unit.h"

namespace care::gensrc {

// Fills `unit` from its text: sections, statements, aliases and what directives
// say about symbols. Atoms come later (atoms.h). Throws Error with file and line
// for what cannot be understood.
void parse(Unit &unit);

} // namespace care::gensrc
