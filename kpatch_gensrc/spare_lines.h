// SPDX-License-Identifier: GPL-2.0-or-later
//
// Functions that differ only because a fix moved lines.
//
// `__LINE__` in an assert makes code out of a line number, and a fix that adds
// lines above changes it. Whether an immediate is a line number cannot be seen in
// the assembly: `cmpl $100` may become `cmpl $107` on a line that moved by 7. So
// nothing is guessed here. The patched source is compiled once more with its
// unchanged lines numbered as in the original (kpatch_cc does that, or anyone, with
// #line). That text is the fix without its moved lines: what is equal in it is
// spared, and what changed is emitted from it.
#pragma once

#include <string>
#include <string_view>

#include "kpatch_gensrc/generate.h"

namespace care::gensrc {

struct AssemblyText {
  std::string path; // for messages
  std::string_view text;
};

// Compares with both texts of the patched source. The renumbered one is used where
// it can be and leaves less to replace; Report::spared then names the functions
// that only `patched` changes. Throws Error for what neither text can carry.
Generated generate_sparing_lines(const AssemblyText &original, const AssemblyText &patched,
                                 const AssemblyText &renumbered, Listings listings = Listings::no);

} // namespace care::gensrc
