// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/coverage.h"

#include <algorithm>
#include <set>

#include "lib/base/error.h"
#include "lib/process/process.h"
#include "lib/target/leftovers.h"

namespace care {

namespace {

// What a region that is not in force says about the object with its build-id.
std::string reason_of(const Target &target, const Region &region) {
  size_t standing = count_standing(region, target.memory()).functions;
  std::string some =
      standing == 0 ? "" : fmt::format(", {} of its {} jumps stand", standing, region.hunks.size());
  switch (region.state) {
  case RegionState::staged:
    if (is_leftover(target, region))
      return "the command that was to patch it was killed before the commit";
    return standing == 0 ? "is being patched, or the command was killed"
                         : "the command that was to patch it was killed" + some;
  case RegionState::undone:
    return "was unpatched" + some;
  case RegionState::committed:
    break;
  }
  if (is_leftover(target, region))
    return "was patched, unloaded and loaded again; a stale region is left at " +
           fmt::format("{}", region.self);
  return "was patched, but its code was changed by somebody else" + some;
}

// The newest thing known about this build in this process; empty: it was never patched.
std::string why_missing(const Target &target, const LoadedObject &object) {
  const Region *last = nullptr;
  for (const Region &region : target.regions()) {
    if (region.build_id == object.build_id && !region_in_force(region, target.memory()) &&
        (!last || last->applied_at <= region.applied_at))
      last = &region;
  }
  return last ? reason_of(target, *last) : std::string();
}

std::string never_patched(const Target &target) {
  ProcessStatus status = read_status(target.process().tid());
  if (status.tracer == 0)
    return "loaded, never patched";
  std::string comm = "?";
  try {
    comm = read_status(status.tracer).comm;
  } catch (const Error &) { // it just went away
  }
  return fmt::format("loaded, never patched; traced by process {} ({})", status.tracer, comm);
}

// The patch of this name that is in force in `object`.
const Region *region_of_name(const Target &target, const LoadedObject &object,
                             const std::string &name) {
  for (const Region *region : target.regions_of(object)) {
    if (region->name == name)
      return region;
  }
  return nullptr;
}

Coverage judge(const Target &target, const LoadedObject &object, const BundlePatch &patch) {
  Coverage c;
  c.object = object.name;
  c.build_id = object.build_id;
  c.wanted = &patch;
  uint32_t level = patch.file.metadata.level;
  const Region *region = region_of_name(target, object, patch.file.metadata.name);
  if (!region) {
    c.reason = why_missing(target, object);
    if (c.reason.empty())
      c.reason = never_patched(target);
    return c;
  }
  c.level = region->level;
  if (region->digest == patch.digest) {
    c.state = CoverageState::patched;
  } else if (region->level > level) {
    c.state = CoverageState::newer;
  } else if (region->level < level) {
    c.state = CoverageState::older;
    c.reason = fmt::format("carries level {}, the bundle has {}", region->level, level);
  } else {
    c.state = CoverageState::another;
    c.reason = fmt::format("carries another patch of this level ({})",
                           region->description.empty() ? "no description" : region->description);
  }
  return c;
}

const BundlePatch *patch_named(const Bundle &bundle, const std::string &object) {
  auto it = std::find_if(bundle.begin(), bundle.end(), [&](const BundlePatch &p) {
    return !object.empty() && p.file.metadata.object_name == object;
  });
  return it == bundle.end() ? nullptr : &*it;
}

} // namespace

const char *coverage_text(CoverageState state) {
  switch (state) {
  case CoverageState::patched:
    return "patched";
  case CoverageState::newer:
    return "newer";
  case CoverageState::older:
    return "older";
  case CoverageState::another:
    return "another patch";
  case CoverageState::missing:
    return "not patched";
  case CoverageState::other_build:
    return "other build";
  case CoverageState::unknown:
    return "unknown";
  }
  return "?";
}

bool lacks_patch(CoverageState state) {
  return state != CoverageState::patched && state != CoverageState::newer &&
         state != CoverageState::other_build;
}

std::vector<Coverage> coverage_of(const Target &target, const Bundle &bundle) {
  std::vector<Coverage> all;
  for (const LoadedObject &object : target.objects()) {
    std::vector<const BundlePatch *> patches = patches_for(bundle, object.build_id);
    for (const BundlePatch *patch : patches)
      all.push_back(judge(target, object, *patch));
    if (!patches.empty())
      continue;
    if (const BundlePatch *named = patch_named(bundle, object.name)) {
      Coverage c;
      c.object = object.name;
      c.build_id = object.build_id;
      c.state = CoverageState::other_build;
      c.wanted = named;
      c.reason = fmt::format("has build-id {}, the patch is for {}",
                             object.build_id.empty() ? "none" : hex_text(object.build_id),
                             hex_text(named->file.metadata.build_id));
      all.push_back(std::move(c));
    }
  }
  return all;
}

std::vector<Coverage> coverage_by_name(const MemoryMap &map, const Bundle &bundle,
                                       const std::string &reason) {
  std::vector<Coverage> all;
  std::set<std::string> seen;
  for (const Mapping &m : map) {
    std::string name = m.path.substr(m.path.rfind('/') + 1);
    const BundlePatch *patch = m.exec ? patch_named(bundle, name) : nullptr;
    if (patch && seen.insert(name).second)
      all.push_back({name, {}, CoverageState::other_build, 0, patch, reason});
  }
  return all;
}

} // namespace care
