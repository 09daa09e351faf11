// SPDX-License-Identifier: GPL-2.0-or-later
//
// The whole way from two texts to one.
#pragma once

#include <string>
#include <string_view>

#include "kpatch_gensrc/report/report.h"

namespace care::gensrc {

struct Generated {
  std::string appended; // to be put behind the original text; empty when nothing changed
  Report report;
};

// Whether the report shows the assembly of changed functions.
enum class Listings { no, yes };

// What counts as changed. `all`: every function that both files have, a test of how code is
// emitted; a function that cannot be is left out and listed, since nothing depends on it.
enum class Scope { changes, all };

// Paths are for messages only. Throws Error for what cannot be carried over.
Generated generate(const std::string &original_path, std::string_view original_text,
                   const std::string &patched_path, std::string_view patched_text,
                   Listings listings = Listings::no, Scope scope = Scope::changes);

} // namespace care::gensrc
