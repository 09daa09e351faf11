// SPDX-License-Identifier: GPL-2.0-or-later
//
// The place of a Debian package's builds: a clean root, or with --here this system; both
// with the source at the path of Debian's build machines, which here exists for the
// build alone. What the build leaves beside its source, the packages, is kept outside.
#pragma once

#include <optional>
#include <string>

#include "kpatch_make/build/build.h"
#include "kpatch_make/deb/clean_root.h"
#include "kpatch_make/deb/deb_options.h"
#include "kpatch_make/sources/work_area.h"

namespace care::make {

struct DebPlace {
  std::optional<CleanRoot> root; // none: on this system
  const WorkArea &area;
  // The root and what only the patched source needs to be built; none: nothing more.
  std::optional<CleanRoot> patched_root = std::nullopt;
};

// options.make.directory is where the source appears, options.make.command builds it.
Build prepare_deb_build(const DebOptions &options, const DebPlace &place);

// Holds the packages of a stage once it is built.
std::string packages_folder(const DebPlace &place, const std::string &stage);

// A shell in the patched tree, where it will be built, which must be a clean root; its exit
// status.
int open_shell(const DebOptions &options, const DebPlace &place);

// The time of a plain build in the same place, which must be a clean root.
BuildTime measure_plain_build(const DebOptions &options, const DebPlace &place);

} // namespace care::make
