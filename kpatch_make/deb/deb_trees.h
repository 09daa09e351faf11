// SPDX-License-Identifier: GPL-2.0-or-later
//
// The two source trees of a Debian package: what runs, and what is to run.
//
//     -p FILE      original: the source; patched: the same and the patch
//     -p NAME      original: the source without that patch of its series; patched: the source
//     --from --to  original: one version; patched: the other, with the changelog of the
//                  first: a process that is patched keeps the version it reports
#pragma once

#include <string>
#include <vector>

#include "kpatch_make/deb/deb_options.h"
#include "kpatch_make/deb/debian_source.h"
#include "kpatch_make/sources/work_area.h"

namespace care::make {

struct DebTrees {
  std::string name, version;       // of the original
  std::vector<std::string> fixes;  // as files, for the reports
  bool shipped_is_patched = false; // the archive's version is the patched one: fixes peeled
};

// Fills both trees of `area`. Throws Error.
DebTrees make_deb_trees(const DebOptions &options, const SourceKitchen &kitchen,
                        const WorkArea &area);

// The fields that say what a build needs, for BuildDependencies.
std::string dependency_fields(const std::string &tree);

} // namespace care::make
