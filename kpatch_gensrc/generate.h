// SPDX-License-Identifier: GPL-2.0-or-later
//
// The whole way from two texts to one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kpatch_gensrc/explain.h"
#include "kpatch_gensrc/listing.h"

namespace care {

struct Report {
  struct Function {
    std::string name;
    FirstDifference difference;
    FunctionListing listing; // when asked for
  };
  std::vector<Function> changed;
  std::vector<std::string> new_functions;
  std::vector<std::string> new_data;
  std::vector<std::string> removed;          // functions and variables
  std::map<std::string, std::string> shared; // new of COMDAT groups: emitted name by name
  std::vector<std::string> spared; // functions that only line numbers change; spare_lines.h
  // A macro of kpatch.h that this file uses.
  struct UsedMark {
    std::string macro; // "KPATCH_IGNORE"
    std::string symbol;
    std::string change; // of KPATCH_IGNORE: what is ignored, "" when nothing differs
    std::string reason;
  };
  std::vector<UsedMark> marks;
  std::vector<std::string> notes;    // what a reader should know
  std::vector<std::string> left_out; // Scope::all: "NAME: why it cannot be replaced"
  bool nothing() const { return changed.empty() && new_functions.empty() && new_data.empty(); }
};

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

} // namespace care
