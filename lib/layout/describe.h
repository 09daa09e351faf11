// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings in words and as JSON.
#pragma once

#include <string>

#include "lib/json/json.h"
#include "lib/layout/verdict.h"

namespace care {

// "member port: moved, offset 8 -> 16, 4 bytes".
std::string describe_member(const MemberChange &change);
// One finding, several lines, without the skeleton.
std::string describe_finding(const TypeFinding &finding);
// In one line, for the patch's metadata: "layout: size 24 -> 32; port moved 8 -> 16".
std::string brief_change(const TypeChange &change);
// All findings that say something, with skeletons and what can be done; "" when there
// are none.
std::string describe_layout(const LayoutReport &report);

// {"types": [{"name", "verdict", "evidence", "reason", "file", "line", "old_size",
// "new_size", "members": [{"member", "change", "old_offset", ...}], "users", "reaching",
// "not_active", "skeleton"}], "unchecked": []}; offsets and sizes of members in bits.
Json layout_json(const LayoutReport &report);

} // namespace care
