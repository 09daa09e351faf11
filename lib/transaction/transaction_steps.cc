// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/transaction_steps.h"

#include "lib/transaction/unused.h"

namespace care {

namespace {

std::vector<std::string> function_names(const Region &region) {
  std::vector<std::string> names;
  for (const Hunk &hunk : region.hunks)
    names.push_back(hunk.name);
  return names;
}

} // namespace

const char *result_text(ObjectResult result) {
  switch (result) {
  case ObjectResult::applied:
    return "applied";
  case ObjectResult::replaced:
    return "replaced";
  case ObjectResult::already_applied:
    return "already applied";
  case ObjectResult::would_apply:
    return "would apply";
  case ObjectResult::undone:
    return "undone";
  case ObjectResult::would_undo:
    return "would undo";
  case ObjectResult::unloaded:
    return "unloaded, its patch removed";
  }
  return "?";
}

ObjectReport report_of(const Region &region, const std::string &object, ObjectResult result) {
  ObjectReport report;
  report.object = object;
  report.build_id = region.build_id;
  report.result = result;
  report.name = region.name;
  report.level = region.level;
  report.functions = function_names(region);
  report.region = region.self;
  report.region_size = region.total_size;
  return report;
}

CommitRequest empty_request(const TransactionOptions &options) {
  CommitRequest request;
  request.timeout = options.timeout;
  request.dry_run = options.dry_run;
  request.coroutines = options.coroutines;
  request.hooks.timeout = options.hook_timeout;
  return request;
}

void remove_unused(Target &target, const std::vector<Region> &regions,
                   const TransactionOptions &options, ProcessReport &report) {
  std::string obstacle = unmap_unused(target, regions, options.timeout);
  if (!obstacle.empty())
    report.warnings.push_back(fmt::format("its unused memory stays mapped: {}", obstacle));
}

void remove_leftovers(Target &target, const std::vector<Region> &regions,
                      const TransactionOptions &options, ProcessReport &report) {
  size_t warnings = report.warnings.size();
  remove_unused(target, regions, options, report);
  for (const Region &region : regions) {
    if (region.state == RegionState::committed && report.warnings.size() == warnings)
      report.removed.push_back(report_of(region, region.object_name, ObjectResult::unloaded));
  }
}

} // namespace care
