// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_cc as `ld`: links, then records what was linked.
//
// kpatch_make pairs the executables and libraries of the two builds by these records.
// kpatch_cc copies the output at once, before the package's own steps strip it,
// rename it or link it again.
#pragma once

#include <string>
#include <vector>

namespace care::cc {

// `name` is argv[0]: ld, ld.gold, ...; `arguments` the rest.
int run_linker(const std::string &name, const std::vector<std::string> &arguments);

} // namespace care::cc
