// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_cc as `as`: every assembly text of the build passes here.
//
// Original build: kpatch_cc keeps the text, then assembles it unchanged.
// Patched build: a text that the original build had as well is assembled as it
// is. For any other text, kpatch_gensrc writes the original text with the difference
// appended. An object that the original build did not have is compared with an
// empty text, so that all of it counts as new.
#pragma once

#include <string>
#include <vector>

namespace care::cc {

// `name` is argv[0], `arguments` the rest. Returns an exit code when it returns at all.
int run_assembler(const std::string &name, const std::vector<std::string> &arguments);

} // namespace care::cc
