// SPDX-License-Identifier: GPL-2.0-or-later
//
// The patches that a command was given: .kpatch files, and folders of them. What a
// patch is for says its metadata (build-id, name, level), not its file's name. Of
// several levels of one name for one build-id the highest counts: a folder may hold the
// whole history.
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

// Reads `paths`, files or directories (every *.kpatch in them, by name). Throws Error:
// bad_input for a malformed file or two different patches of one build-id, name and
// level, nothing_to_do for a folder without any.
Bundle read_bundle(const std::vector<std::string> &paths);

// The patches for an object with this build-id (raw bytes), one for each name.
std::vector<const BundlePatch *> patches_for(const Bundle &bundle, const std::string &build_id);

} // namespace care
