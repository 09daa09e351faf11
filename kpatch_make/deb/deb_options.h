// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the user asked `kpatch_make deb` for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpatch_make/options.h"

namespace care::make {

struct DebOptions {
  MakeOptions make;                     // make.patches, make.directory and make.command come later
  std::string source;                   // NAME, NAME=VERSION, .dsc, folder
  std::vector<std::string> fixes;       // patch files, or names of debian/patches
  std::string from, to;                 // versions, both or none
  std::vector<std::string> adaptations; // patches of ours on top of the fix
  std::string root;                     // tarball or folder; "": the cached one
  bool here = false;
  bool build_deps = false; // with `here`: install them on this system
  bool update = false;
  bool measure = false;      // a plain build first, for its time
  bool arch_only = false;    // dpkg-buildpackage -B, and no Build-Depends-Indep
  std::string profiles;      // -P of dpkg-buildpackage
  std::string build_options; // DEB_BUILD_OPTIONS
};

// Empty when --help or --version was answered. Throws Error (usage).
std::optional<DebOptions> read_deb_options(int argc, char **argv);

} // namespace care::make
