// SPDX-License-Identifier: GPL-2.0-or-later
//
// The end of a run, as a table, and as the beginning of the JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "packaging/kpatch_make/build.h"
#include "packaging/kpatch_make/bundle.h"

namespace care {

struct RunSummary {
  std::string bundle;
  BuildResult original, patched;
  size_t unchanged = 0; // objects linked in both builds and not changed
  std::vector<PatchSummary> patches;
  LayoutReport layout{};            // changed types of the whole build
  std::vector<std::string> added;   // objects that only the patched build has
  std::vector<std::string> refused; // differences left out of probes
};

std::string summary_table(const RunSummary &summary);
nlohmann::ordered_json summary_json(const RunSummary &summary);

} // namespace care
