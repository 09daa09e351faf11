// SPDX-License-Identifier: GPL-2.0-or-later
//
// One JSON file and one copy for each link; the fields are in store_layout.h.
#pragma once

#include <string>
#include <vector>

#include "kpatch_cc/store.h"

namespace care::cc {

struct LinkerLine;

// Records the finished link of `line.output`. Does nothing when that is no ELF
// file (linker scripts can write anything).
void record_link(const Store &store, Stage stage, const LinkerLine &line,
                 const std::vector<std::string> &argv);

} // namespace care::cc
