// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is fuzzed: each function takes any bytes and returns. Error is an answer;
// a crash, undefined behaviour, a leak, a broken promise (abort) are not.
//
// The same functions serve libFuzzer (fuzz_*.cc, `make fuzz`) and the unit tests,
// which replay the corpus.
#pragma once

#include <string_view>

namespace care {

// Two assembly texts through kpatch_gensrc. They stand one after the other with
// kAssemblySeparator between; without it the second is the first less a line.
// Promise: a text against itself with blank lines on top has no differences.
void fuzz_assembly(std::string_view bytes);
inline constexpr std::string_view kAssemblySeparator = "#### patched\n";

// A .kpatch file through the reader, the two forms of `kpatch_tool show`, and the
// writer. Promise: what the writer makes of it can be read.
void fuzz_patchfile(std::string_view bytes);

// A region header as it is found in a target, with its own address taken as right.
// Promise: what was decoded and encoded decodes to the same.
void fuzz_region(std::string_view bytes);

} // namespace care
