// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_cc as a compiler: steps aside after it has put our `as` and `ld` in
// the real compiler's way.
//
// The way is COMPILER_PATH, which gcc and clang search for their subprograms
// before anything else: so the command line stays as it is, and with it what
// compilers write into their output (-frecord-gcc-switches, DW_AT_producer) or
// derive from it (-B also adds a -L). Only where the command line has a -B of
// its own, which would win, -B is needed from us as well.
//
// clang assembles by itself unless told not to; see clang_assembler.h.
#pragma once

#include <string>
#include <vector>

namespace care::cc {

// Set for the shims that the driver is going to start.
inline constexpr const char *kDriverVariable = "KPATCH_DRIVER"; // names this one call
inline constexpr const char *kOutputVariable =
    "KPATCH_OUTPUT"; // its -o (or a probe's source), absolute
inline constexpr const char *kClangVariable = "KPATCH_CLANG";     // see clang_assembler.h
inline constexpr const char *kRefusedVariable = "KPATCH_REFUSED"; // DriverLine::refused

// `name` is argv[0]; `arguments` the rest. Does not return.
[[noreturn]] void run_driver(const std::string &name, std::vector<std::string> arguments);

} // namespace care::cc
