// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/stacking.h"

#include <algorithm>
#include <map>

#include "lib/base/error.h"

namespace care {

namespace {

// "patch fix-1 level 2", "the patch at level 2"
std::string patch_text(const Region &region) {
  return region.name.empty() ? fmt::format("the unnamed patch of level {}", region.level)
                             : fmt::format("patch {}", level_text(region.name, region.level));
}

struct Place {
  RemoteRange range;
  const std::string *function;
};

// By address. Those of one patch do not overlap (docs/patch-format.rst).
std::vector<Place> sorted(std::vector<Place> places) {
  std::erase_if(places, [](const Place &p) { return p.range.empty(); });
  std::sort(places.begin(), places.end(),
            [](const Place &a, const Place &b) { return a.range.begin < b.range.begin; });
  return places;
}

std::vector<Place> code_of(const Region &region) {
  std::vector<Place> places;
  for (const Hunk &h : region.hunks) {
    places.push_back({h.original, &h.name});
    places.push_back({h.original_cold, &h.name});
    places.push_back({{h.pad, h.pad + (h.pad ? kJumpSize : 0)}, &h.name});
  }
  return sorted(std::move(places));
}

std::vector<Place> sites_of(const Region &region) {
  std::vector<Place> places;
  for (const Hunk &h : region.hunks) {
    places.push_back({{h.site, h.site + h.site_size()}, &h.name});
    places.push_back({{h.pad, h.pad + (h.pad ? kJumpSize : 0)}, &h.name});
  }
  return sorted(std::move(places));
}

// Calls `found` for each two that overlap.
template<typename Found>
void for_overlaps(const std::vector<Place> &a, const std::vector<Place> &b, Found found) {
  for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a[i].range.overlaps(b[k].range))
      found(a[i], b[k]);
    a[i].range.end < b[k].range.end ? i++ : k++;
  }
}

void check_pair(const Region &a, const Region &b, const std::string &object) {
  for_overlaps(code_of(a), code_of(b), [&](const Place &x, const Place &) {
    throw error(ExitCode::conflict, "{}: {} and {} both replace {}", object, patch_text(a),
                patch_text(b), *x.function)
        .with_hint("unpatch the one that is applied, or build one patch out of both fixes");
  });
}

// A place may be written over again, but not in part.
void check_sites(const Region &fresh, const Region &old, const std::string &object) {
  for_overlaps(sites_of(fresh), sites_of(old), [&](const Place &f, const Place &o) {
    if (f.range.begin != o.range.begin || f.range.end != o.range.end)
      throw error(ExitCode::does_not_fit,
                  "{}: {}: the applied level jumps from {}, this one from {}", object, *o.function,
                  o.range.begin, f.range.begin)
          .with_hint("unpatch first");
  });
}

bool is_replaced(const Region &region, const std::vector<ObjectPlan> &plans) {
  return std::any_of(plans.begin(), plans.end(), [&](const ObjectPlan &p) {
    return p.previous && p.previous->self == region.self;
  });
}

} // namespace

std::optional<Region> level_to_replace(const std::vector<const Region *> &in_force,
                                       const BundlePatch &patch, bool force) {
  const PatchMetadata &m = patch.file.metadata;
  auto found = std::find_if(in_force.begin(), in_force.end(),
                            [&](const Region *r) { return r->name == m.name; });
  if (found == in_force.end())
    return std::nullopt;
  const Region &applied = **found;
  if (m.level > applied.level || force)
    return applied;
  throw error(ExitCode::conflict, "carries {} ({}), and this is {}: not newer", patch_text(applied),
              applied.description.empty() ? "no description" : applied.description,
              m.level == applied.level ? fmt::format("another one of level {}", m.level)
                                       : fmt::format("level {}", m.level))
      .with_hint("--force replaces it all the same; independent patches have names of their own "
                 "(kpatch_make --name)");
}

void check_stacking(const Target &target, const std::vector<ObjectPlan> &plans) {
  for (auto plan = plans.begin(); plan != plans.end(); ++plan) {
    const std::string &name = plan->object.name;
    for (auto other = plans.begin(); other != plan; ++other) {
      if (other->object.header == plan->object.header)
        check_pair(other->region, plan->region, name);
    }
    for (const LoadedObject &object : target.objects()) {
      if (object.header != plan->object.header)
        continue;
      for (const Region *region : target.regions_of(object)) {
        if (is_replaced(*region, plans))
          check_sites(plan->region, *region, name);
        else
          check_pair(*region, plan->region, name);
      }
    }
  }
}

std::vector<CodeWrite> planned_writes(const std::vector<ObjectPlan> &plans) {
  std::vector<CodeWrite> writes;
  std::map<RemoteAddr, size_t> index;
  for (const ObjectPlan &plan : plans) {
    for (const Hunk &hunk : plan.region.hunks) {
      for (CodeWrite &w : writes_of(hunk)) {
        index.emplace(w.at, writes.size());
        writes.push_back(std::move(w));
      }
    }
  }
  for (const ObjectPlan &plan : plans) {
    for (const Hunk &old : plan.previous ? plan.previous->hunks : std::vector<Hunk>()) {
      for (CodeWrite &undo : undo_writes_of(old)) {
        if (auto same = index.find(undo.at); same != index.end())
          writes[same->second].before = undo.before;
        else
          writes.push_back(std::move(undo));
      }
    }
  }
  return writes;
}

} // namespace care
