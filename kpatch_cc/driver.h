// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_cc as a compiler: executes the real compiler, which then finds kpatch_cc's `as`
// and `ld` instead of its own.
//
// It finds them by COMPILER_PATH, which gcc and clang search for their subprograms
// before anything else. So the command line stays as it is, and with it what
// compilers write into their output (-frecord-gcc-switches, DW_AT_producer) or
// derive from it (-B also adds a -L). A -B in the command line takes precedence over
// COMPILER_PATH: only then does kpatch_cc add a -B of its own.
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
