// SPDX-License-Identifier: GPL-2.0-or-later
//
// Our programs for a root that has none of their libraries, nor perhaps a C library as
// new as theirs: a folder with copies of them, of the libraries and of the loader.
//
// The copies name that loader: the kernel reads the path of an ELF file's interpreter
// from the file, so it is put behind the file's end. They look for libraries in
// ../lib/private from where they lie (DT_RPATH, set when they are linked), so that
// no variable is needed that the build's own programs would take to heart.
#pragma once

#include <string>

namespace care::make {

// Fills FOLDER/bin with kpatch_cc and kpatch_gensrc, and what belongs to them. Returns the
// path of kpatch_cc. FOLDER must be at the same path inside. Throws Error.
std::string make_private_tools(const std::string &folder);

// Gives an ELF file another interpreter. Throws Error when it has none.
void set_interpreter(const std::string &program, const std::string &interpreter);

} // namespace care::make
