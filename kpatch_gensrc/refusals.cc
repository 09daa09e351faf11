// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/refusals.h"

namespace care {

void refuse_what_cannot_be_done(const Unit &, const Unit &, const Pairing &, Comparison &,
                                const Difference &) {}

} // namespace care
