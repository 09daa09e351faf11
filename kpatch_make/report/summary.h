// SPDX-License-Identifier: GPL-2.0-or-later
//
// The end of a run, as a table, and as the beginning of the JSON.
#pragma once

#include <string>
#include <vector>

#include "kpatch_make/build/build.h"
#include "kpatch_make/objects/object_results.h"
#include "lib/json/json.h"

namespace care::make {

struct RunSummary {
  std::string bundle;
  BuildResult original, patched;
  double verdict_seconds = 0;           // all that comes after the builds
  std::vector<PatchSummary> objects;    // of the package
  std::vector<std::string> not_shipped; // linked objects that no target is the counterpart of
  LayoutReport layout{};                // changed types of the whole build
  std::vector<std::string> added;       // objects that only the patched build has
  std::vector<std::string> refused;     // differences left out of probes
};

// What a partial proof says nothing about, as much of it as one reads.
struct Unproved {
  std::vector<std::string> first;
  size_t more = 0;
};
Unproved unproved_of(const PatchSummary &row);

std::string summary_table(const RunSummary &summary);
// One object of it; docs/building-patches.rst has the fields.
Json object_json(const PatchSummary &row);
// "complete", "nothing to do", "partial", "not proved" or "refused".
const char *run_verdict(ExitCode code);
Json summary_json(const RunSummary &summary);

} // namespace care::make
