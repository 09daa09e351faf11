// SPDX-License-Identifier: GPL-2.0-or-later
//
// In the patched build most sources are what they were. Such a one is not compiled
// again: its assembly is in the store, and assembling that gives the same object.
//
// "What it was" is decided without hashes or preprocessing, since kpatch_make keeps the
// tree of the original build beside the one that is built in:
//
//   * the same compiler is called in the same folder with the same arguments, all of
//     them of a kind that we know to be harmless (reuse_line.h), and SOURCE_DATE_EPOCH
//     stands still
//   * every file that the compiler read then (its own dependency list says which) has
//     the same bytes in both trees; one outside the tree was not touched since
//   * no file has appeared where headers are looked for that could hide another or satisfy
//     a __has_include: one by whose name a file was read, or that a file asks for
//   * the assembly includes no file of its own (.incbin), and no precompiled header is
//     involved
//
// Any doubt means that the source is compiled. The one thing that is not done again is
// printing warnings. Works only under kpatch_make, which sets:
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

// Original stage, in the driver: leaves word for the assembler, and returns what to add
// to the command line so that the compiler lists what it reads (nothing, if it does so
// anyway or the line is not eligible).
std::vector<std::string> prepare_reuse(const Store &store, const std::string &compiler,
                                       const std::vector<std::string> &arguments);

// Either stage, in the driver: what is compiled by this call is not used again.
void prevent_reuse();

// Original stage, in the assembler: remembers how `text` of object `key`, which is kept in
// the file `copy` of the key's folder, is assembled.
void record_for_reuse(const Store &store, const std::string &key, const AssemblerLine &line,
                      std::string_view text, const std::string &copy);

// Patched stage, in the driver: the arguments for our `as` that make the object, when it
// need not be compiled. The dependency file that the caller wants is there already. Both
// outcomes are noted in the store, with the reason when it is to be compiled after all.
std::optional<std::vector<std::string>> find_reusable(const Store &store,
                                                      const std::string &compiler,
                                                      const std::vector<std::string> &arguments);

} // namespace care::cc
