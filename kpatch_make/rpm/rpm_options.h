// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the user asked `kpatch_make rpm` for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpatch_make/options.h"

namespace care::make {

// Where mock, and so the build machines of Fedora and its relatives, build.
inline constexpr const char *kMockTopdir = "/builddir/build";

struct RpmOptions {
  MakeOptions make;                // where results go; its tree, fixes and command come later
  std::string source;              // a .src.rpm or a .spec, absolute
  std::vector<std::string> fixes;  // as given: patch files, or names of the spec's patches
  std::vector<std::string> macros; // arguments for rpm: --define "k v", --load FILE, ...
  std::string topdir = kMockTopdir;
  std::string directory;   // where the fixes apply, below the folder that %setup leaves
  bool build_deps = false; // have dnf install what the spec wants
  bool check = false;      // run %check in the original build
};

// Empty when --help or --version was answered. Throws Error (usage).
std::optional<RpmOptions> read_rpm_options(int argc, char **argv);

} // namespace care::make
