// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/unfinished.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/target/leftovers.h"
#include "lib/transaction/plan.h"

namespace care {

namespace {

bool begun_commit(const Target &target, const Region &region) {
  return region.state == RegionState::staged && is_dead(region.doctor) &&
         target.object_of(region) && count_standing(region, target.memory()).jumps > 0;
}

bool begun_undo(const Target &target, const Region &region) {
  if (region.state != RegionState::committed || !target.object_of(region))
    return false;
  Standing n = count_standing(region, target.memory());
  return n.jumps > 0 && n.originals > 0;
}

bool writes_at(const Region &region, RemoteAddr at) {
  return std::any_of(region.hunks.begin(), region.hunks.end(),
                     [&](const Hunk &h) { return h.site == at || h.pad == at; });
}

// Is `old` the level that `fresh` was taking the place of?
bool was_replacing(const Region &fresh, const Region &old) {
  return old.state == RegionState::committed && old.build_id == fresh.build_id &&
         old.object_header == fresh.object_header && old.bias == fresh.bias &&
         old.name == fresh.name;
}

void forbid_originals(const Region &region, CommitRequest &request) {
  for (const Hunk &hunk : region.hunks) {
    request.forbidden.push_back({hunk.original, hunk.name});
    if (!hunk.original_cold.empty())
      request.forbidden.push_back({hunk.original_cold, hunk.name});
  }
}

// Those in front of the change have run.
void plan_later_hooks(const Region &region, MarkKind after, HookPlan &plan) {
  HookPlan all;
  plan_hooks(region, after, after, all);
  plan.after.insert(plan.after.end(), all.before.begin(), all.before.end());
}

// What stands there now is what is to be replaced, whosever it is.
void add_write(const RemoteMemory &memory, CodeWrite w, CommitRequest &request) {
  if (holds(memory, w, w.after))
    return;
  memory.read(w.at, w.before.data(), w.size);
  request.writes.push_back(std::move(w));
}

void complete(const Target &target, const Region &region, CommitRequest &request) {
  Standing n = count_standing(region, target.memory());
  forbid_originals(region, request);
  for (const Hunk &hunk : region.hunks)
    for (CodeWrite &w : writes_of(hunk))
      add_write(target.memory(), std::move(w), request);
  if (n.jumps < n.all)
    plan_later_hooks(region, MarkKind::post_apply, request.hooks);
  request.states.emplace_back(region.self, RegionState::committed);
  for (const Region &old : target.regions()) {
    if (!was_replacing(region, old))
      continue;
    forbid_patch(old, "the patch of " + old.object_name, request);
    for (const Hunk &hunk : old.hunks)
      for (CodeWrite &w : undo_writes_of(hunk))
        if (!writes_at(region, w.at) && holds(target.memory(), w, w.before))
          request.writes.push_back(std::move(w));
    request.states.emplace_back(old.self, RegionState::undone);
  }
}

void complete_undo(const Target &target, const Region &region, CommitRequest &request) {
  forbid_patch(region, "the patch of " + region.object_name, request);
  for (const Hunk &hunk : region.hunks)
    for (CodeWrite &w : undo_writes_of(hunk))
      if (holds(target.memory(), w, w.before))
        request.writes.push_back(std::move(w));
  plan_later_hooks(region, MarkKind::post_undo, request.hooks);
  request.states.emplace_back(region.self, RegionState::undone);
}

bool is_listed(const CommitRequest &request, const Region &region) {
  return std::any_of(request.states.begin(), request.states.end(),
                     [&](const auto &s) { return s.first == region.self; });
}

} // namespace

bool is_unfinished(const Target &target, const Region &region) {
  if (begun_commit(target, region) || begun_undo(target, region))
    return true;
  // The level that was being replaced, as long as a jump of it stands.
  return count_standing(region, target.memory()).jumps > 0 &&
         std::any_of(target.regions().begin(), target.regions().end(), [&](const Region &r) {
           return begun_commit(target, r) && was_replacing(r, region);
         });
}

std::vector<std::string> finish_commits(Target &target, std::chrono::milliseconds timeout,
                                        std::chrono::milliseconds hook_timeout) {
  CommitRequest request;
  request.timeout = timeout;
  request.hooks.timeout = hook_timeout;
  std::vector<std::string> done;
  for (const Region &region : target.regions()) {
    if (!begun_commit(target, region))
      continue;
    complete(target, region, request);
    done.push_back(fmt::format("{}: the patch that an interrupted command had begun is completed",
                               region.object_name));
  }
  for (const Region &region : target.regions()) {
    if (!begun_undo(target, region) || is_listed(request, region))
      continue;
    complete_undo(target, region, request);
    done.push_back(fmt::format("{}: the undo that an interrupted command had begun is completed",
                               region.object_name));
  }
  if (!done.empty()) {
    commit(target, request);
    target.refresh();
  }
  return done;
}

} // namespace care
