// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/summary.h"

#include <algorithm>
#include <fmt/core.h>

#include "lib/layout/describe.h"

namespace care {

namespace {

nlohmann::ordered_json build_json(const BuildResult &build) {
  return {{"seconds", build.seconds}, {"compiled", build.assembled}};
}

} // namespace

std::string summary_table(const RunSummary &summary) {
  size_t width = 6;
  for (const PatchSummary &row : summary.patches)
    width = std::max(width, row.object.size());
  std::string text =
      fmt::format("{:<{}}  {:<40}  {:>7} {:>7} {:>8} {:>7} {:>8} {:>7}\n", "object", width,
                  "build-id", "changed", "new fn", "new data", "spared", "bytes", "seconds");
  for (const PatchSummary &row : summary.patches)
    text += fmt::format("{:<{}}  {:<40}  {:>7} {:>7} {:>8} {:>7} {:>8} {:>7.2f}\n", row.object,
                        width, row.build_id, row.changed, row.new_functions, row.new_data,
                        row.spared, row.size, row.seconds);
  for (const PatchSummary &row : summary.patches)
    for (const std::string &function : row.left_out)
      text += fmt::format("{}: left out: {}\n", row.object, function);
  text += fmt::format(
      "{} {} in {}; {} linked objects unchanged; builds took {:.1f} s and {:.1f} s\n",
      summary.patches.size(), summary.patches.size() == 1 ? "patch" : "patches", summary.bundle,
      summary.unchanged, summary.original.seconds, summary.patched.seconds);
  return text;
}

nlohmann::ordered_json summary_json(const RunSummary &summary) {
  nlohmann::ordered_json out;
  out["bundle"] = summary.bundle;
  out["original"] = build_json(summary.original);
  out["patched"] = build_json(summary.patched);
  out["unchanged_objects"] = summary.unchanged;
  out["objects"] = nlohmann::ordered_json::array();
  for (const PatchSummary &row : summary.patches)
    out["objects"].push_back({{"object", row.object},
                              {"build_id", row.build_id},
                              {"changed", row.changed},
                              {"new_functions", row.new_functions},
                              {"new_data", row.new_data},
                              {"spared", row.spared},
                              {"left_out", row.left_out},
                              {"size", row.size},
                              {"seconds", row.seconds}});
  out["added_objects"] = summary.added;
  out["refused"] = summary.refused;
  out["layout"] = layout_json(summary.layout);
  return out;
}

} // namespace care
