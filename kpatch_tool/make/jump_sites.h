// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where each changed function takes the jump to its replacement.
//
// A function with room takes it in its own bytes. A short one may run on into the
// alignment padding behind it (its original_size then covers that padding, so that
// digest and safety check do too), or takes a two-byte jump to a pad. Neighbours are
// never touched, and no two functions share a byte.
//
// Once the jump stands no thread runs the old body, so the body's own branches back into
// the bytes of the jump are dead. Branches of other functions into them are not, nor is
// any other entry from outside into the middle of the function: these are refused by name.
#pragma once

#include <string>
#include <vector>

#include "kpatch_tool/proof/link_pair.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

// Sets site, pad and the digests of the changed functions; their originals are set.
// Errors (unsupported) name the function and what is in the way. With `left_out` such a
// function is taken from `functions`, and "NAME: why" is added there.
void choose_jump_sites(const LinkPair &pair, std::vector<PatchFunction> &functions,
                       std::vector<std::string> *left_out = nullptr);

} // namespace care::tool
