// SPDX-License-Identifier: GPL-2.0-or-later
//
// Getting kpatch_cc between a build and its compilers, without a change to the
// build: a folder of links named gcc, clang++, x86_64-linux-gnu-gcc-12, ... in
// front of PATH, one for every compiler, assembler and linker found there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace care::make {

// True for the names of C and C++ compilers, assemblers and linkers.
bool is_compiler_name(std::string_view name);

// Fills `folder` with links to `kpatch_cc`. Returns the names.
std::vector<std::string> make_links(const std::string &folder, const std::string &kpatch_cc);

// A compiler given as CC or CXX ("gcc -m64", "/opt/gcc/bin/gcc-13", "ccache
// cc"): where it is named by a path, through our links instead.
std::string through_links(const std::string &value, const std::string &folder,
                          const std::string &kpatch_cc);

// Environment of a build: PATH, CC, CXX, the store, SOURCE_DATE_EPOCH.
std::map<std::string, std::string>
build_environment(const std::string &links, const std::string &store, const std::string &kpatch_cc);

// kpatch_cc, kpatch_tool: beside us or named by the environment variable.
// Throws Error when it is not there.
std::string find_tool(const char *variable, const std::string &name);

} // namespace care::make
