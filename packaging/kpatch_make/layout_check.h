// SPDX-License-Identifier: GPL-2.0-or-later
//
// The types of both builds, for a run: kpatch_cc left the two versions of every compiled
// object that differs, kpatch_gensrc said which functions of it changed.
//
// Only objects that have new code are looked at: code that did not change goes on with
// objects of the layout that it knows.
#pragma once

#include <string>
#include <vector>

#include "lib/layout/verdict.h"
#include "packaging/kpatch_make/options.h"

namespace care {

struct CompiledLayout {
  std::string object; // its key in the store
  std::string source;
  std::vector<std::string> changed; // functions
};

struct LayoutCheck {
  bool done = false; // --no-types: false
  LayoutReport report;
  std::vector<CompiledLayout> compiled; // that were compared
};

LayoutCheck check_layout(const std::string &store, const MakeOptions &options);

// Arguments of `kpatch_tool make` that put accepted and passing types on record.
std::vector<std::string> layout_arguments(const LayoutReport &report);

// The findings that concern an object with these changed functions.
LayoutReport layout_of(const LayoutCheck &check, const std::vector<std::string> &changed);

} // namespace care
