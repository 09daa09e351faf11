// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/rpm/spec_facts.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "lib/base/lines.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// Macros that are expanded may look like this; a section begins with one of a few names.
bool begins_section(std::string_view line) {
  for (std::string_view name :
       {"%build", "%conf", "%install", "%check", "%clean", "%files", "%package", "%description",
        "%changelog", "%pre", "%post", "%preun", "%postun", "%generate_buildrequires"})
    if (line == name || (line.starts_with(name) && line[name.size()] == ' '))
      return true;
  return false;
}

std::string_view prep_section(std::string_view spec) {
  size_t begin = spec.starts_with("%prep\n") ? 0 : spec.find("\n%prep\n");
  if (begin == std::string_view::npos)
    return {};
  std::string_view rest = spec.substr(begin == 0 ? 6 : begin + 7);
  for (std::string_view line : lines_of(rest))
    if (begins_section(line))
      return rest.substr(0, static_cast<size_t>(line.data() - rest.data()));
  return rest;
}

} // namespace

SpecFacts read_spec_query(std::string_view answer) {
  SpecFacts facts;
  for (std::string_view line : lines_of(answer)) {
    size_t space = line.find(' ');
    if (space == std::string_view::npos)
      continue;
    std::string_view kind = line.substr(0, space);
    std::string value(line.substr(space + 1));
    if (kind == "name")
      facts.name = value;
    else if (kind == "version")
      facts.version = value;
    else if (kind == "release")
      facts.release = value;
    else if (kind == "source")
      facts.sources.push_back(fs::path(value).filename());
    else if (kind == "patch")
      facts.patches.push_back(fs::path(value).filename());
    else if (kind == "needs" && !value.starts_with("rpmlib("))
      facts.requirements.push_back(value);
    else if (kind == "time" && !facts.changelog_time)
      facts.changelog_time = std::atol(value.c_str());
  }
  return facts;
}

std::string source_folder(std::string_view expanded_spec, std::string_view topdir) {
  fs::path folder = topdir;
  bool found = false;
  for (std::string_view line : lines_of(prep_section(expanded_spec))) {
    if (!line.starts_with("cd '") || !line.ends_with('\'') || line.size() < 6)
      continue;
    folder /= line.substr(4, line.size() - 5); // an absolute path replaces all of it
    found = true;
  }
  fs::path inside = folder.lexically_normal().lexically_relative(fs::path(topdir));
  if (!found || inside.empty() || *inside.begin() == "..")
    return {};
  return inside;
}

std::vector<std::string> applied_patches(std::string_view expanded_spec,
                                         const std::vector<std::string> &patches) {
  std::string_view prep = prep_section(expanded_spec);
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string &patch : patches) {
    size_t at = prep.rfind("/" + patch);
    if (at != std::string_view::npos)
      found.emplace_back(at, patch);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> order;
  for (auto &[at, patch] : found)
    order.push_back(std::move(patch));
  return order;
}

std::vector<std::string> missing_requirements(std::string_view rpmbuild_output) {
  std::vector<std::string> missing;
  for (std::string_view line : lines_of(rpmbuild_output)) {
    size_t end = line.find(" is needed by ");
    size_t begin = line.find_first_not_of(" \t");
    if (end != std::string_view::npos && begin < end)
      missing.emplace_back(line.substr(begin, end - begin));
  }
  return missing;
}

} // namespace care::make
