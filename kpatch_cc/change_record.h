// SPDX-License-Identifier: GPL-2.0-or-later
//
// The result for an object whose assembly differs between the two builds: one
// JSON file for each object, which kpatch_make reads for its report. store_layout.h
// has the fields.
#pragma once

#include <string>
#include <string_view>

#include "kpatch_cc/store.h"
#include "kpatch_cc/type_objects.h"

namespace care::cc {

struct ChangeRecord {
  std::string object;  // its key in the store
  std::string source;  // operand of .file
  std::string report;  // file that kpatch_gensrc wrote, or ""
  std::string refused; // why it cannot be carried, or ""
  TypeObjects types{};
};

// Assembly of a section (kRefusedSection) that holds `why` for the reader of a link.
std::string refusal_section(std::string_view why);

// Does a report of kpatch_gensrc say that nothing has to be replaced, but for lines that moved?
bool says_nothing_changed(const std::string &report);

void record_change(const Store &store, const ChangeRecord &record);

} // namespace care::cc
