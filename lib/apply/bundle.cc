// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/bundle.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/patchfile/reader.h"

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

} // namespace

Bundle read_bundle(const std::string &path) {
  Bundle bundle;
  for (const std::string &file : patch_paths(path)) {
    std::string bytes = read_file(file);
    BundlePatch patch{parse_patch_file(bytes, file), digest_of(bytes)};
    const std::string &build_id = patch.file.metadata.build_id;
    if (const BundlePatch *other = find_patch(bundle, build_id))
      throw error(ExitCode::bad_input, "{} and {} are both for build-id {}", other->file.path, file,
                  hex_text(build_id));
    bundle.push_back(std::move(patch));
  }
  return bundle;
}

const BundlePatch *find_patch(const Bundle &bundle, const std::string &build_id) {
  auto it = std::find_if(bundle.begin(), bundle.end(), [&](const BundlePatch &p) {
    return !build_id.empty() && p.file.metadata.build_id == build_id;
  });
  return it == bundle.end() ? nullptr : &*it;
}

} // namespace care
