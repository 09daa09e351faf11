// SPDX-License-Identifier: GPL-2.0-or-later
//
// Equality of two single statements, for those who show what differs. Whether
// whole functions are equal is decided by comparison.h, on hashes; here the text is
// read once more.
#pragma once

#include "kpatch_gensrc/match/comparison.h"

namespace care::gensrc {

// What counts of a reference to a label of the same atom.
enum class Jumps {
  exact, // the number of statements in front of the label
  loose, // nothing: code that was inserted between moves every jump across it
};

// Statement `x` of atom `a` of the original, `y` of `b` of the patched file.
bool same_statement(const Unit &original, const Unit &patched, Comparison &comparison, AtomId a,
                    uint32_t x, AtomId b, uint32_t y, Jumps jumps);

// The statements of an atom that count, as indices in Unit::statements.
std::vector<uint32_t> stream_of(const Unit &unit, AtomId atom);

} // namespace care::gensrc
