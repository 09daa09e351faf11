// SPDX-License-Identifier: GPL-2.0-or-later
//
// The types of both builds, for a run: kpatch_cc left the two versions of every compiled
// object that differs, kpatch_gensrc said which functions of it changed.
//
// Only objects that have new code are looked at: code that did not change goes on with
// objects of the layout that it knows.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kpatch_make/options.h"
#include "lib/layout/verdict.h"

namespace care::make {

struct CompiledLayout {
  std::string object; // its key in the store
  std::string source;
  std::set<std::string> changed;      // functions, new ones too; of a refused object nothing
  std::vector<std::string> unchecked; // "a.c: no debug information"
};

// What an instrumented link holds of kpatch_gensrc.
struct LinkedChanges {
  std::set<std::string> functions; // that changed
  std::set<std::string> sources;   // as the compiler was given them
};

struct LayoutCheck {
  bool done = false; // --no-types: false
  LayoutReport report;
  std::vector<CompiledLayout> compiled; // that have new code, or are refused
};

LayoutCheck check_layout(const std::string &store, const MakeOptions &options);

// Arguments of `kpatch_tool make` that put accepted and passing types on record.
std::vector<std::string> layout_arguments(const LayoutReport &report);

// Throws Error (bad_input).
LinkedChanges read_linked_changes(const std::string &link);

// The findings that concern such a link.
LayoutReport layout_of(const LayoutCheck &check, const LinkedChanges &changes);
// All findings, for a link that holds objects refused with these words: which functions of
// it would change is not known.
LayoutReport layout_of_refused(const LayoutCheck &check, const LinkedChanges &changes,
                               const std::vector<std::string> &refusals);

} // namespace care::make
