// SPDX-License-Identifier: GPL-2.0-or-later
//
// .kpatch.info of the instrumented link, checked and completed: which function
// of the target is replaced by what, where the jump goes, and a digest of the
// bytes that must be there.
#pragma once

#include <string>
#include <vector>

#include "kpatch_tool/proof/link_pair.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

// One entry of the patch. `replacement` and `replacement_cold` are still link
// addresses of the instrumented link: the image is not laid out yet.
//
// A function of a COMDAT group that changed in several translation units has a
// record for each, all with the original that the linker kept: the first is
// taken, and the others must have the same code.
//
// Errors name the function: no place for a jump (jump_sites.h), no size, duplicates
// that differ (unsupported); records that make no sense (bad_input); no record at all
// (nothing_to_do). With `left_out`, a function that cannot be replaced (unsupported) is
// not an error: "NAME: why" is added there instead.
std::vector<PatchFunction> read_function_records(const LinkPair &pair,
                                                 std::vector<std::string> *left_out = nullptr);

// The size of what lies at `addr`, by the symbol `name` or another one there. Error
// (unsupported) when no symbol has one.
uint64_t size_at(const LinkedFile &file, LinkAddr addr, const std::string &name);
// Where the code at `addr` of the instrumented link lies in the target. Error for what
// is no code of the original.
LinkAddr original_in_target(const LinkPair &pair, LinkAddr addr, const std::string &name);

} // namespace care::tool
