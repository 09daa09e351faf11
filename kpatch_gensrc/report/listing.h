// SPDX-License-Identifier: GPL-2.0-or-later
//
// A changed function as people compare it: the statements of both sides next to
// each other, with their source lines. Only made when a report is asked for: it
// reads the function's text again.
#pragma once

#include <string>
#include <vector>

#include "kpatch_gensrc/match/difference.h"

namespace care::gensrc {

// One side of a row. `text` is empty where this side has nothing.
struct ListedStatement {
  std::string labels; // in front of it: ".L5: .L7:"
  std::string text;
  std::string note; // content of the constants it refers to, where the row differs
  std::string file; // from .loc, "" without debug information
  uint32_t line = 0;
};

struct ListingRow {
  uint32_t skipped = 0; // this many equal statements on both sides; the rest is empty then
  bool same = false;
  ListedStatement original;
  ListedStatement patched;
};

// Lines of one source file that code of one side came from.
struct SourceSpan {
  std::string file; // as the compiler was given it
  uint32_t first = 0;
  uint32_t last = 0;
};

struct FunctionListing {
  std::vector<ListingRow> body; // these two are empty unless they differ
  std::vector<ListingRow> cold;
  std::vector<SourceSpan> original_source;
  std::vector<SourceSpan> patched_source;
};

FunctionListing list_function(const Unit &original, const Unit &patched, Comparison &comparison,
                              const ChangedFunction &function);

} // namespace care::gensrc
