// SPDX-License-Identifier: GPL-2.0-or-later
//
// Instrumented link + target -> patch. The layout has been proved before.
#pragma once

#include "kpatch_tool/proof/link_pair.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

// The whole patch, ready to be written. `metadata` comes from the command line;
// its build-id is read from the target here. Errors as in bind_references.h and
// function_records.h, which says what `left_out` is.
PatchFile build_patch(const LinkPair &pair, PatchMetadata metadata,
                      std::vector<std::string> *left_out = nullptr);

} // namespace care::tool
