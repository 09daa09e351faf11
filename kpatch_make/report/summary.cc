// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/report/summary.h"

#include <algorithm>
#include <fmt/core.h>

#include "lib/json/json.h"
#include "lib/layout/describe.h"

namespace care::make {

namespace {

constexpr size_t kShownUnproved = 3;

Json build_json(const BuildResult &build) {
  return {{"seconds", build.time.seconds},
          {"cpu_seconds", build.time.cpu_seconds},
          {"compiled", build.assembled - build.reused},
          {"reused", build.reused}};
}

std::string patched_row(const PatchSummary &row, size_t width) {
  std::string text =
      fmt::format("{:<{}}  {:<40}  {:>7} {:>7} {:>8} {:>7} {:>8} {:>7.2f}\n", row.object, width,
                  row.target_build_id, row.changed, row.new_functions, row.new_data, row.spared,
                  row.size, row.seconds);
  if (row.bound == Bound::proved || row.bound == Bound::partly)
    text += fmt::format(
        "{:<{}}  for the shipped build-id; the rebuild has {}: {}\n", "", width, row.build_id,
        row.bound == Bound::proved ? "all that is loaded is proved equal"
                                   : "all that the patch replaces or refers to is proved equal");
  if (std::find(row.changed_names.begin(), row.changed_names.end(), "main") !=
      row.changed_names.end())
    text += fmt::format("{:<{}}  main changes, and a process is in it to its end: start it with "
                        "libcare-ctl exec\n",
                        "", width);
  Unproved unproved = unproved_of(row);
  for (const std::string &line : unproved.first)
    text += fmt::format("{:<{}}  not proved: {}\n", "", width, line);
  if (unproved.more > 0)
    text += fmt::format("{:<{}}  not proved: {} more (--json has them all)\n", "", width,
                        unproved.more);
  for (const ObjectPlace &place : row.also_at)
    text += fmt::format("{:<{}}  also at {}{}{}\n", "", width, place.package,
                        place.package.empty() ? "" : ":", place.path);
  return text;
}

// The verdicts that are not in the table.
std::string other_rows(const RunSummary &summary) {
  std::string text;
  for (const PatchSummary &row : summary.objects) {
    for (const std::string &function : row.left_out)
      text += fmt::format("{}: left out: {}\n", row.object, function);
    if (row.verdict != ObjectVerdict::refused)
      continue;
    text += fmt::format("refused: {}\n", row.reason);
    if (!row.help.empty())
      text += fmt::format("  what would help: {}\n", row.help);
  }
  return text;
}

} // namespace

std::string summary_table(const RunSummary &summary) {
  size_t width = 6;
  for (const PatchSummary &row : summary.objects)
    if (row.verdict == ObjectVerdict::patched)
      width = std::max(width, row.object.size());
  std::string text =
      fmt::format("{:<{}}  {:<40}  {:>7} {:>7} {:>8} {:>7} {:>8} {:>7}\n", "object", width,
                  "build-id", "changed", "new fn", "new data", "spared", "bytes", "seconds");
  for (const PatchSummary &row : summary.objects)
    if (row.verdict == ObjectVerdict::patched)
      text += patched_row(row, width);
  text += other_rows(summary);
  size_t patches = count_rows(summary.objects, ObjectVerdict::patched);
  text += fmt::format("{} {} in {}; {} linked objects unchanged", patches,
                      patches == 1 ? "patch" : "patches", summary.bundle,
                      count_rows(summary.objects, ObjectVerdict::unchanged));
  if (size_t refused = count_rows(summary.objects, ObjectVerdict::refused))
    text += fmt::format(", {} refused", refused);
  if (!summary.not_shipped.empty())
    text += fmt::format(", {} not shipped", summary.not_shipped.size());
  return text + fmt::format("; builds took {:.1f} s and {:.1f} s\n", summary.original.time.seconds,
                            summary.patched.time.seconds);
}

Unproved unproved_of(const PatchSummary &row) {
  Unproved unproved;
  std::vector<std::string> all;
  if (row.made.contains("proof"))
    all = row.made.at("proof").strings_or("unproved", all);
  size_t shown = std::min(all.size(), kShownUnproved);
  unproved.first.assign(all.begin(), all.begin() + static_cast<ptrdiff_t>(shown));
  unproved.more = all.size() - shown;
  return unproved;
}

Json object_json(const PatchSummary &row) {
  Json also_at = Json::array();
  for (const ObjectPlace &place : row.also_at)
    also_at.push_back({{"package", place.package}, {"path", place.path}});
  return {{"object", row.object},
          {"package", row.package},
          {"path", row.path},
          {"also_at", std::move(also_at)},
          {"build_id", row.build_id},
          {"shipped_build_id", row.target_build_id},
          {"bound", bound_name(row.bound)},
          {"verdict", verdict_name(row.verdict)},
          {"changed", row.changed_names},
          {"changed_functions", row.changed},
          {"new_functions", row.new_functions},
          {"new_data", row.new_data},
          {"spared", row.spared},
          {"left_out", row.left_out},
          {"size", row.size},
          {"seconds", row.seconds},
          {"reason", row.reason},
          {"help", row.help}};
}

Json summary_json(const RunSummary &summary) {
  Json out;
  out["bundle"] = summary.bundle;
  out["verdict"] = run_verdict(code_of(summary.objects));
  out["original"] = build_json(summary.original);
  out["patched"] = build_json(summary.patched);
  out["unchanged_objects"] = count_rows(summary.objects, ObjectVerdict::unchanged);
  out["objects"] = Json::array();
  for (const PatchSummary &row : summary.objects)
    out["objects"].push_back(object_json(row));
  out["not_shipped"] = summary.not_shipped;
  out["added_objects"] = summary.added;
  out["refused"] = summary.refused;
  out["layout"] = layout_json(summary.layout);
  return out;
}

const char *run_verdict(ExitCode code) {
  switch (code) {
  case ExitCode::ok:
    return "complete";
  case ExitCode::nothing_to_do:
    return "nothing to do";
  case ExitCode::partial:
    return "partial";
  case ExitCode::does_not_fit:
    return "not proved";
  default:
    return "refused";
  }
}

} // namespace care::make
