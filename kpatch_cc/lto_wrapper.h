// SPDX-License-Identifier: GPL-2.0-or-later
//
// gcc's link-time optimisation.
//
// Compiling with -flto gives objects of bytecode. The linker's plugin collects them and
// runs lto-wrapper. lto-wrapper cuts the program into partitions, compiles each to assembly
// and assembles it, several at a time, and prints the names of the objects. The plugin
// hands these to the linker in that order. kpatch_gensrc compares the assembly of all
// partitions at once, since functions move between them.
//
//     ld      the shim of kpatch_cc puts its lto-wrapper in the place of gcc's
//     as      the shim keeps each partition's text for that lto-wrapper
//     lto-wrapper
//             original build: keeps texts and objects in their order
//             patched build: when any text differs, kpatch_gensrc makes the original's
//             partitions with the changes appended; these are assembled and their names
//             printed. So the second link gets the objects of the first, in its order,
//             however the patched program was cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/store.h"

namespace care::cc {

// Names the folder in which kpatch_cc's lto-wrapper waits for partitions, for `as`.
inline constexpr const char *kLtoCaptureVariable = "KPATCH_CC_LTO";

// `arguments` are those of lto-wrapper. Returns an exit code.
int run_lto_wrapper(const std::vector<std::string> &arguments);

// Makes a linker's arguments name kpatch_cc's lto-wrapper. False when they name none.
bool take_lto_wrapper(std::vector<std::string> &arguments, const Store &store,
                      const std::string &output);

// For `as`: keeps a partition. kept_partition() is the path at which it is kept.
void keep_partition(const std::string &capture, const AssemblerLine &line, std::string_view text);
std::string kept_partition(const std::string &capture, const std::string &object);

// True for a text with nothing but bytecode.
bool is_slim_lto(std::string_view assembly);

// A fat object (-ffat-lto-objects) holds bytecode and code. At this point kpatch_cc does not
// know whether it will be linked with -flto, so its code is compared like any other.
// Bytecode has random numbers in its names and is never compared.
struct FatText {
  std::string code;
  std::string bytecode; // "" when it is no fat object
};
FatText split_fat_lto(std::string_view assembly);

// True for a text that lto1 compiled: it has no source of its own.
bool is_partition(std::string_view assembly);

} // namespace care::cc
