// SPDX-License-Identifier: GPL-2.0-or-later
//
// The transaction backwards: the bytes from before stand again, in one stop, and what the
// patches had mapped goes away once no stack or register holds an address in it.
#include <algorithm>

#include "lib/target/leftovers.h"
#include "lib/target/redirect.h"
#include "lib/transaction/recovery.h"
#include "lib/transaction/transaction_steps.h"

namespace care {

namespace {

// What undoing `region` writes. Its object is loaded.
std::vector<CodeWrite> undo_writes(const Target &target, const Region &region) {
  std::vector<CodeWrite> writes;
  for (const Hunk &hunk : region.hunks) {
    for (CodeWrite &w : undo_writes_of(hunk)) {
      if (holds(target.memory(), w, w.before))
        writes.push_back(std::move(w));
      else if (!holds(target.memory(), w, w.after))
        throw error(ExitCode::does_not_fit, "{}: the code at {} was changed by somebody else",
                    hunk.name, w.at);
    }
  }
  return writes;
}

bool selected(const Region &region, const std::vector<std::string> &selectors) {
  std::string hex = hex_text(region.build_id);
  return selectors.empty() ||
         std::any_of(selectors.begin(), selectors.end(), [&](const std::string &s) {
           return !s.empty() && (hex.starts_with(s) || s == region.object_name || s == region.name);
         });
}

CommitRequest undo_request(const Target &target, const std::vector<std::string> &selectors,
                           const TransactionOptions &options, ProcessReport &report) {
  CommitRequest request = empty_request(options);
  request.hooks.force = options.force;
  for (const Region &region : target.regions()) {
    const LoadedObject *object = target.object_of(region);
    if (region.state != RegionState::committed || !object || is_leftover(target, region) ||
        !selected(region, selectors))
      continue;
    request.objects.push_back(*object);
    forbid_patch(region, "the patch of " + region.object_name, request);
    append(request.writes, undo_writes(target, region));
    plan_hooks(region, MarkKind::pre_undo, MarkKind::post_undo, request.hooks);
    if (!options.dry_run)
      request.states.emplace_back(region.self, RegionState::undone);
    report.objects.push_back(
        report_of(region, region.object_name,
                  options.dry_run ? ObjectResult::would_undo : ObjectResult::undone));
  }
  return request;
}

} // namespace

ProcessReport undo_patches(pid_t pid, const std::vector<std::string> &selectors,
                           const TransactionOptions &options) {
  ProcessReport report;
  report.pid = pid;
  Laps laps;
  Target target(pid);
  report.comm = target.process().comm();
  return with_process(target, [&] {
    if (!options.dry_run)
      append(report.warnings, recover(target, options.timeout, options.hook_timeout));
    std::vector<Region> leftovers = find_leftovers(target);
    CommitRequest request = undo_request(target, selectors, options, report);
    std::vector<Region> undone;
    for (auto [self, state] : request.states) {
      for (const Region &region : target.regions()) {
        if (region.self == self)
          undone.push_back(region);
      }
    }
    report.phases.inspect = laps.next();
    if (!report.objects.empty()) {
      report.commit = commit(target, request);
      report.phases.commit = laps.next();
      report.committed = true;
    }
    if (!options.dry_run) {
      remove_leftovers(target, leftovers, options, report);
      remove_unused(target, undone, options, report);
    }
    report.phases.clean_up = laps.next();
    return report;
  });
}

} // namespace care
