// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every way of using kpatch_make has in common, once both source trees are there:
// the two builds, the pairing of what they linked, a .kpatch for each object that
// changed, the bundle and the reports. How the trees come about (a folder as it is, a
// source package) and which command builds them is the caller's.
#pragma once

#include "kpatch_make/build/build.h"
#include "kpatch_make/guardian.h"
#include "kpatch_make/options.h"
#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"

namespace care::make {

// The build of options.command in options.directory, with kpatch_cc in front of the
// compilers. The stage is set by make_bundle.
Build prepare_build(const MakeOptions &options, const WorkArea &area, Isolation isolation);

// The variables by which kpatch_cc learns of this run.
void add_kpatch_variables(Build &build, const MakeOptions &options, const WorkArea &area);

// Builds in area.tree(original) and area.tree(patched), which the caller has filled, and
// writes what `options` asks for. With options.targets the patches are for these files
// (shipped_files.h). Throws Error for whatever ends the run without a bundle; the reports are
// written then, too. Returns ok or, with options.partial, partial.
ExitCode make_bundle(const MakeOptions &options, const Build &build, const WorkArea &area,
                     const Guardian &guardian);

} // namespace care::make
