// SPDX-License-Identifier: GPL-2.0-or-later
//
// .kpatch.marks of the instrumented link: the marks that a fix sets by the macros of
// kpatch.h. Hooks and the shadow table go to PatchFile::hooks. Functions that no thread may
// be inside go to PatchFile::unsafe, ignored variables to the metadata.
#pragma once

#include <functional>

#include "kpatch_tool/proof/link_pair.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

// `image_offset` turns a link address in a .kpatch section into a place in the image.
// Throws Error naming the symbol: a hook that is not in the patch, an unsafe
// function that is not in the target.
void add_marks(const LinkPair &pair, const std::function<uint64_t(uint64_t)> &image_offset,
               PatchFile &patch);

// No thread may be inside the functions of that name, nor in the parts that the compiler
// split off (`.part.0`, `.cold`). Error (usage) when there is no such function.
void add_unsafe_function(const LinkPair &pair, const std::string &name, PatchFile &patch);

} // namespace care::tool
