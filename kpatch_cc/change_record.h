// SPDX-License-Identifier: GPL-2.0-or-later
//
// What became of an object whose assembly differs between the two builds: one
// JSON file for each, for the report of kpatch_make; the fields are in
// store_layout.h.
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

// Assembly of a section (kRefusedSection) that says `why` to whoever looks at a link.
std::string refusal_section(std::string_view why);

// Does a report of kpatch_gensrc say that nothing has to be replaced, but for lines that moved?
bool says_nothing_changed(const std::string &report);

void record_change(const Store &store, const ChangeRecord &record);

} // namespace care::cc
