// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/patchfile/bundle.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/patchfile/patch_reader.h"

namespace care {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> patch_paths(const std::string &path) {
  std::error_code ec;
  if (!fs::is_directory(path, ec))
    return {path};
  std::vector<std::string> paths;
  for (fs::directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path().extension() == ".kpatch")
      paths.push_back(it->path().string());
  }
  if (ec)
    throw error("cannot read the folder {}: {}", path, ec.message());
  if (paths.empty())
    throw error(ExitCode::nothing_to_do, "{}: no .kpatch file in this folder", path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Into `bundle`, or in the place of its lower level.
void add_patch(Bundle &bundle, BundlePatch patch) {
  const PatchMetadata &m = patch.file.metadata;
  auto same = std::find_if(bundle.begin(), bundle.end(), [&](const BundlePatch &p) {
    return p.file.metadata.build_id == m.build_id && p.file.metadata.name == m.name;
  });
  if (same == bundle.end()) {
    bundle.push_back(std::move(patch));
    return;
  }
  if (same->digest == patch.digest)
    return;
  uint32_t level = same->file.metadata.level;
  if (level == m.level)
    throw error(ExitCode::bad_input, "{} and {} are both {} for build-id {}", same->file.path,
                patch.file.path, level_text(m.name, level), hex_text(m.build_id))
        .with_hint("patches that are independent have names of their own (kpatch_make --name), "
                   "newer ones higher levels");
  bool newer = m.level > level;
  log_info("{}: passed over, since {} is {}", newer ? same->file.path : patch.file.path,
           newer ? patch.file.path : same->file.path, level_text(m.name, newer ? m.level : level));
  if (newer)
    *same = std::move(patch);
}

} // namespace

Bundle read_bundle(const std::vector<std::string> &paths) {
  Bundle bundle;
  for (const std::string &path : paths) {
    for (const std::string &file : patch_paths(path)) {
      std::string bytes = read_file(file);
      add_patch(bundle, {parse_patch_file(bytes, file), digest_of(bytes)});
    }
  }
  return bundle;
}

std::vector<const BundlePatch *> patches_for(const Bundle &bundle, const std::string &build_id) {
  std::vector<const BundlePatch *> found;
  for (const BundlePatch &p : bundle) {
    if (!build_id.empty() && p.file.metadata.build_id == build_id)
      found.push_back(&p);
  }
  return found;
}

} // namespace care
