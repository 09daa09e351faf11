// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is in a .kpatch file, as text.
#pragma once

#include <string>

#include "lib/patchfile/patch_file.h"

namespace care::tool {

// Tables for people.
std::string describe_patch(const PatchFile &patch);

// One JSON object.
std::string describe_patch_as_json(const PatchFile &patch);

} // namespace care::tool
