// SPDX-License-Identifier: GPL-2.0-or-later
//
// When the layout proof fails in a few functions or constants: checks whether everything
// that one patch replaces or refers to is proved nevertheless.
//
// A rebuild may differ from the shipped file where a macro of another package's header is a
// version: an immediate here, a string there, and no address moves. The patch is right as
// long as it neither replaces those nor refers to them.
//
//   replaced code, pads, functions and constants   none of it differs
//   variables        code or data that is proved refers to it, or the target exports it at that
//                    place; and no reference to it or to its surroundings differs
//   thread-local     code that is proved uses the same variable, or it is exported
//   code that differs  leads nowhere into the middle of what is replaced, or into a pad
//
// It may refuse what would have been right. Nothing is tried where sections have another
// size, or where a difference concerns the file as a whole.
#pragma once

#include "kpatch_tool/proof/layout_proof.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

// True when a partial proof is possible at all; otherwise prove_used() must not be called.
bool may_hold_partly(const LayoutProof &proof);

// Error (does_not_fit) that names what `patch` needs and how it differs. `patch` was built
// for `pair`, of which `proof` says what differs.
void prove_used(const LinkPair &pair, const LayoutProof &proof, const PatchFile &patch);

// What is left unproved, a line each: "place (symbol): how".
std::vector<std::string> unproved_lines(const LayoutProof &proof);

} // namespace care::tool
