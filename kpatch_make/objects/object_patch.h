// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool for one object.
#pragma once

#include <string>
#include <vector>

#include "kpatch_make/objects/object_results.h"
#include "lib/json/json.h"

namespace care::make {

// The JSON object that kpatch_tool prints for `arguments`. Throws Error with its message,
// its hint and its exit code when it fails.
Json ask_kpatch_tool(const std::vector<std::string> &arguments);

// Makes the .kpatch of `pair` for `target_file` and fills the row in, whose object,
// build_id and target_build_id are set. There is no file where row.layout is refused, or
// where the fix has no effect on the object: that is unchanged then. Throws Error when there
// can be none.
void make_patch(PatchSummary &row, const Pair &pair, const std::string &target_file,
                const PatchRequest &request);

} // namespace care::make
