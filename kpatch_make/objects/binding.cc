// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/binding.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include <fmt/core.h>

namespace care::make {

namespace fs = std::filesystem;

namespace {

using Candidates = std::vector<const TargetFile *>;

// A library may be there for 32 bits, too, under the same names.
Candidates those(const std::vector<TargetFile> &targets, const Link &original,
                 const std::function<bool(const TargetFile &)> &wanted) {
  Candidates found;
  for (const TargetFile &target : targets) {
    bool known = std::any_of(found.begin(), found.end(), [&](const TargetFile *other) {
      return other->build_id == target.build_id && !target.build_id.empty();
    });
    if (!known && target.foreign == original.foreign && wanted(target))
      found.push_back(&target);
  }
  return found;
}

// How well ".../debian/tools/usr/bin/tool" is the place of "/usr/bin/tool" of package
// "tools": is the folder the package's own, and how much of the path is the same?
using PlaceRank = std::pair<bool, size_t>;

PlaceRank place_rank(const std::string &place, const TargetFile &target) {
  // At the top of a folder there is but a name, which is looked at later.
  if (!place.ends_with(target.installed) || target.installed.find('/', 1) == std::string::npos)
    return {};
  std::string staged = place.substr(0, place.size() - target.installed.size());
  return {!target.package.empty() && fs::path(staged).filename() == target.package,
          target.installed.size()};
}

Candidates by_place(const Link &original, const std::vector<TargetFile> &targets) {
  PlaceRank best;
  for (const std::string &place : original.places)
    for (const TargetFile &target : targets)
      if (target.foreign == original.foreign)
        best = std::max(best, place_rank(place, target));
  if (best == PlaceRank())
    return {};
  return those(targets, original, [&](const TargetFile &target) {
    return std::any_of(original.places.begin(), original.places.end(),
                       [&](const std::string &place) { return place_rank(place, target) == best; });
  });
}

std::string list_of(const Candidates &candidates) {
  std::string text;
  for (const TargetFile *target : candidates)
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", target->package,
                        target->package.empty() ? "" : ":", target->installed);
  return text;
}

// Exactly one will do; of several it is unknown which.
bool settle(const Candidates &found, const std::string &by, Binding &binding) {
  if (found.size() == 1)
    binding.targets = found;
  else if (found.size() > 1)
    binding.why_none =
        fmt::format("{} files of the targets have the {}: {}", found.size(), by, list_of(found));
  return !found.empty();
}

} // namespace

bool is_build_id_of(const std::string &build_id, const Link &link) {
  return !build_id.empty() &&
         (build_id == link.build_id || std::find(link.packed_ids.begin(), link.packed_ids.end(),
                                                 build_id) != link.packed_ids.end());
}

Binding choose_targets(const Link &original, const std::string &object,
                       const std::vector<TargetFile> &targets) {
  Binding binding;
  binding.targets = those(targets, original, [&](const TargetFile &target) {
    return is_build_id_of(target.build_id, original);
  });
  binding.sure = !binding.targets.empty();
  if (binding.sure)
    return binding;
  // A package may install one object in several places, and each be another upload.
  binding.targets = by_place(original, targets);
  binding.sure = !binding.targets.empty();
  if (binding.sure)
    return binding;
  if (!original.soname.empty() &&
      settle(those(targets, original,
                   [&](const TargetFile &target) { return target.soname == original.soname; }),
             "soname " + original.soname, binding))
    return binding;
  settle(those(targets, original,
               [&](const TargetFile &target) {
                 return fs::path(target.installed).filename() == object &&
                        target.soname == original.soname;
               }),
         "name " + object, binding);
  return binding;
}

std::set<std::string> names_of(const Pairing &pairing) {
  std::set<std::string> names;
  auto add = [&](const Link &link) {
    names.insert(fs::path(link.output).filename());
    for (const std::string &place : link.places)
      names.insert(fs::path(place).filename());
    if (!link.soname.empty())
      names.insert(link.soname);
  };
  for (const Link &link : pairing.originals)
    add(link);
  for (const Pair &pair : pairing.changed)
    add(pair.original);
  return names;
}

} // namespace care::make
