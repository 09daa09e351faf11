// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finding the program that kpatch_cc stands in front of.
//
// The names gcc, as and ld lead to kpatch_cc itself while a build runs. So a
// search skips every file that is this very program (same device and inode as
// /proc/self/exe, whatever the link is called). It also skips compiler caches: ccache
// searches PATH for its compiler and would find kpatch_cc again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

// The first executable `name` in the colon-separated `folders` that is not kpatch_cc.
// Empty when there is none.
std::string find_in_folders(std::string_view name, std::string_view folders);

// The real compiler `name` in PATH, or `name` itself when it holds a slash.
// Throws Error when there is none.
std::string find_compiler(const std::string &name);

// The real `as` or `ld`. Searches the COMPILER_PATH of the calling compiler driver, then
// PATH. Throws Error when there is none.
std::string find_binutil(const std::string &name);

// A program of this project: the one that `variable` names, or the one beside kpatch_cc.
std::string find_sibling(const char *variable, std::string_view name);

// The absolute path of the running program.
std::string own_path();

// execv; throws Error when that fails. argv[0] is the path itself: compilers
// find their own parts from it.
[[noreturn]] void exec_program(const std::string &path, const std::vector<std::string> &arguments);

} // namespace care::cc
