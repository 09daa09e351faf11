// SPDX-License-Identifier: GPL-2.0-or-later
//
// In the patched build most sources are unchanged. kpatch_cc does not compile an unchanged
// source again: its assembly is in the store, and assembling that gives the same object.
//
// kpatch_cc decides "unchanged" without hashes or preprocessing, since kpatch_make keeps
// the tree of the original build beside the tree of the patched build:
//
//   * the same compiler is called in the same folder with the same arguments, all of
//     them of a kind that is known to be harmless (reuse_line.h), and SOURCE_DATE_EPOCH
//     is the same
//   * every file that the compiler read then (its own dependency list says which) has
//     the same bytes in both trees; one outside the tree was not touched since
//   * no new file in a folder of headers could hide another or satisfy a __has_include: a
//     new file with the name of one that was read, or that a file asks for
//   * the assembly includes no file of its own (.incbin), and no precompiled header is
//     involved
//
// In doubt the source is compiled. The only effect that is lost is the printing of
// warnings. Works only under kpatch_make, which sets:
//
//     KPATCH_TREE           where both builds work
//     KPATCH_ORIGINAL_TREE  where the original build's tree is during the patched build
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/store.h"

namespace care::cc {

// Original stage, in the driver: records the call for the assembler. Returns the options
// that make the compiler list what it reads (none, if it does so anyway or the line is not
// eligible).
std::vector<std::string> prepare_reuse(const Store &store, const std::string &compiler,
                                       const std::vector<std::string> &arguments);

// Either stage, in the driver: the results of this call are not used again.
void prevent_reuse();

// Original stage, in the assembler: records how `text` of object `key` is assembled. The
// text is kept in the file `copy` of the key's folder.
void record_for_reuse(const Store &store, const std::string &key, const AssemblerLine &line,
                      std::string_view text, const std::string &copy);

// Patched stage, in the driver: the arguments for kpatch_cc's `as` that make the object,
// when the source need not be compiled. The dependency file that the caller asked for has
// been written by then. The store notes either outcome, with the reason for a compilation.
std::optional<std::vector<std::string>> find_reusable(const Store &store,
                                                      const std::string &compiler,
                                                      const std::vector<std::string> &arguments);

} // namespace care::cc
