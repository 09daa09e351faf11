// SPDX-License-Identifier: GPL-2.0-or-later
//
// How a file uses a function: whether anything but a call of it is there.
#pragma once

#include "kpatch_gensrc/asm/unit.h"

namespace care::gensrc {

// True when every use of the symbol is a direct call or jump, so that no pointer to
// it can exist.
bool only_called(const Unit &unit, SymId function);

} // namespace care::gensrc
