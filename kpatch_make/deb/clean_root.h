// SPDX-License-Identifier: GPL-2.0-or-later
//
// Clean roots: a minimal Debian with the build-essential packages, as on Debian's build
// machines. A library that happens to be installed here would be found by a configure
// script and become part of the binaries; and a machine in service is no place for
// hundreds of -dev packages.
//
// Below ${XDG_CACHE_HOME:-~/.cache}/libcare, used by any number of runs at once:
//
//     roots/SUITE/     made once by mmdebstrap, with this system's own suites and keys
//     layers/KEY/      what the build dependencies of one package add to it; KEY is the
//                      hash of the root and of the list. KEY.made when complete
//     archives/        .debs that were fetched
//     sources/NAME/    source packages that were fetched
//     lock             held while any of these grows
//
// Nothing is written to a root after it is made: it is the lower layer of an overlay.
#pragma once

#include <string>
#include <vector>

#include "kpatch_make/deb/root_view.h"
#include "kpatch_make/guardian.h"

namespace care::make {

struct CleanRoot {
  std::string cache;               // the folder above
  std::vector<std::string> layers; // topmost first; the last is the root
  std::string identity;            // changes when the root is made anew
};

struct RootRequest {
  std::string tarball; // or a folder; "": the cached root of this system's suite
  std::string log;     // takes the output of what makes it
  bool verbose = false;
  bool update = false; // fetch the lists of packages anew
};

// The root, made when it is not there. Throws Error: not root, no mmdebstrap, no
// suites, or it failed.
CleanRoot find_clean_root(const RootRequest &request, const Guardian &guardian);

// A view of the root with folders of the cache for apt, and with a network.
RootView fetching_view(const CleanRoot &root, const std::string &place);

struct BuildDependencies {
  std::string tree;       // the unpacked source; also in the view, at the same path
  std::string fields;     // Build-Depends and its relatives: what the layer is keyed by
  std::string profiles;   // of the build, comma separated, or ""
  bool arch_only = false; // without Build-Depends-Indep
};

// Puts a layer with the build dependencies on the root; a second call adds what others need
// to that. Throws Error with apt's own words.
void add_build_dependencies(CleanRoot &root, const BuildDependencies &wanted,
                            const RootRequest &request, const Guardian &guardian);

// The names of all compilers and binutils in the root.
std::vector<std::string> compilers_of(const CleanRoot &root);

} // namespace care::make
