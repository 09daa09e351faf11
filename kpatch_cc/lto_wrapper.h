// SPDX-License-Identifier: GPL-2.0-or-later
//
// gcc's link-time optimisation.
//
// Compiling with -flto gives objects of bytecode. The linker's plugin collects them and
// runs lto-wrapper, which cuts the program into partitions, has each compiled to
// assembly and assembled, several at a time, and prints the names of the objects, which
// the plugin hands to the linker in that order. What is to be compared is that
// assembly, of all partitions at once: functions move between them.
//
//     ld      our shim puts our lto-wrapper in the place of gcc's
//     as      our shim keeps each partition's text for our lto-wrapper
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

// Folder in which our lto-wrapper waits for partitions, for `as`.
inline constexpr const char *kLtoCaptureVariable = "KPATCH_CC_LTO";

// `arguments` are those of lto-wrapper. Returns an exit code.
int run_lto_wrapper(const std::vector<std::string> &arguments);

// Makes a linker's arguments name our lto-wrapper; false when there is none in them.
bool take_lto_wrapper(std::vector<std::string> &arguments, const Store &store,
                      const std::string &output);

// `as` keeps a partition, and where it did.
void keep_partition(const std::string &capture, const AssemblerLine &line, std::string_view text);
std::string kept_partition(const std::string &capture, const std::string &object);

// Nothing but bytecode in it?
bool is_slim_lto(std::string_view assembly);

// A fat object (-ffat-lto-objects) holds bytecode and code: whether it is linked with or
// without -flto is not known yet, so its code is compared like any other. Bytecode is
// named by random numbers and never compared.
struct FatText {
  std::string code;
  std::string bytecode; // "" when it is no fat object
};
FatText split_fat_lto(std::string_view assembly);

// What lto1 compiled: no source of its own.
bool is_partition(std::string_view assembly);

} // namespace care::cc
