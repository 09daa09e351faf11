// SPDX-License-Identifier: GPL-2.0-or-later
//
// The folder that rpmbuild works in, filled from a source package or from a spec and the
// files that it names:
//
//     SPECS/NAME.spec  SOURCES/...  BUILD  BUILDROOT  RPMS  SRPMS  tmp
#pragma once

#include <string>

#include "kpatch_make/rpm/rpm_tools.h"
#include "kpatch_make/rpm/spec_facts.h"

namespace care::make {

struct Topdir {
  std::string spec; // "SPECS/NAME.spec"
  SpecFacts facts;
};

// `source`: a .src.rpm or .spec. Sources of a spec are looked for beside it, and in
// SOURCES beside its folder. Throws Error naming those that are nowhere.
Topdir fill_topdir(const std::string &source, const RpmTools &tools, const std::string &topdir);

} // namespace care::make
