// SPDX-License-Identifier: GPL-2.0-or-later
//
// --shell: a shell in the patched tree before it is built, where a fix can be adapted by hand
// and looked at in the place where it will be compiled. What was changed comes out as a
// patch, so that the next run needs no hand.
#pragma once

#include <functional>
#include <string>

#include "kpatch_make/sources/work_area.h"

namespace care::make {

// The tree that the shell may change.
struct ShellPlace {
  std::string copy;   // where it really is
  std::string folder; // "", or the part of it that holds the sources
  std::string path;   // where `copy` appears to the shell, as it will to the build
};

// Calls `shell`, which gives the exit status, and writes what it changed below copy/folder to
// BUNDLE.adapt.patch (for patch -p1); `option` says how to give that the next time. Returns
// the file's name, or "" when nothing changed. Throws Error when the status is not 0.
std::string adapt_in_shell(const WorkArea &area, const ShellPlace &place, const std::string &bundle,
                           const char *option, const std::function<int()> &shell);

// A shell on this system, with the copy mounted over its path where that is possible.
int shell_here(const ShellPlace &place, Isolation isolation);

} // namespace care::make
