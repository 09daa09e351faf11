// SPDX-License-Identifier: GPL-2.0-or-later
//
// A folder that does not exist, for one build.
//
// The path of a build ends up in what it makes, so a rebuild has to take place where the
// distribution's build machines build: /builddir/build, say, which is nowhere on this
// system and must not appear on it either. In a mount namespace of its own a process can
// have it all the same: the folder that would have to hold it is replaced, for this
// process and its children, by an empty one in memory, into which everything that was
// there is mounted back, and the new one is made beside it.
#pragma once

#include <string>

namespace care::make {

// Makes the folder `path` appear. To be called in a mount namespace of our own whose
// mounts are private; `scratch` is a path for an empty folder that may be created.
// Throws Error.
void add_folder_to_view(const std::string &path, const std::string &scratch);

} // namespace care::make
