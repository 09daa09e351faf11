// SPDX-License-Identifier: GPL-2.0-or-later
//
// What changed between the two files, as lists of atoms.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kpatch_gensrc/match/comparison.h"

namespace care::gensrc {

struct ChangedFunction {
  AtomId original = kNone;
  AtomId patched = kNone;
};

struct Difference {
  std::vector<ChangedFunction> changed; // leaders, in the order of the patched file
  std::vector<AtomId> added_functions;  // of the patched file
  std::vector<AtomId> removed_functions;
  std::vector<AtomId> added_data; // named variables and exported constants
  std::vector<AtomId> removed_data;
  std::vector<uint32_t> added_aliases; // exported: indices in the patched file's aliases

  bool nothing() const {
    return changed.empty() && added_functions.empty() && added_data.empty() &&
           added_aliases.empty();
  }
};

// `forced`: leaders of the patched file that count as changed though they are equal.
Difference find_difference(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                           Comparison &comparison, const std::set<AtomId> &forced);

} // namespace care::gensrc
