// SPDX-License-Identifier: GPL-2.0-or-later
//
// What kpatch_gensrc has to say about one pair of files: what is changed, new, removed,
// spared, and why.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kpatch_gensrc/match/explain.h"
#include "kpatch_gensrc/report/listing.h"

namespace care::gensrc {

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

} // namespace care::gensrc
