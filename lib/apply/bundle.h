// SPDX-License-Identifier: GPL-2.0-or-later
//
// The patches that a command was given: one .kpatch file, or a folder of them.
// What a patch is for says its metadata (the build-id), not its file's name.
#pragma once

#include <string>
#include <vector>

#include "lib/patchfile/patch_file.h"

namespace care {

struct BundlePatch {
  PatchFile file;
  Digest digest{}; // BLAKE2b-256 of the whole file: the patch's identity
};

using Bundle = std::vector<BundlePatch>;

// Reads `path`, a file or a directory (every *.kpatch in it, by name). Throws Error:
// bad_input for a malformed file or two patches for one build-id, nothing_to_do for a
// folder without any.
Bundle read_bundle(const std::string &path);

// The patch for an object with this build-id (raw bytes), or null.
const BundlePatch *find_patch(const Bundle &bundle, const std::string &build_id);

} // namespace care
