// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/both_trees.h"

#include <deque>
#include <filesystem>

namespace care::cc {

namespace fs = std::filesystem;

namespace {

constexpr int kMostLinks = 40; // as the kernel

} // namespace

BothTrees::BothTrees(std::string tree, std::string original)
    : tree_(std::move(tree)), original_(std::move(original)) {}

bool BothTrees::in_tree(const std::string &path) const {
  return path == tree_ || path.starts_with(tree_ + "/");
}

// The path that now holds the bytes which the build saw at `path`.
std::string BothTrees::place(const std::string &path, bool original) const {
  return original && in_tree(path) ? original_ + path.substr(tree_.size()) : path;
}

// Resolves component by component, as the kernel does, in paths as the build saw them.
std::string BothTrees::follow(const std::string &path, bool original) const {
  std::error_code failure;
  fs::path absolute = fs::absolute(path, failure);
  std::deque<fs::path> ahead(absolute.begin(), absolute.end());
  fs::path at = "/";
  for (int links = 0; !ahead.empty();) {
    fs::path part = ahead.front();
    ahead.pop_front();
    if (part.empty() || part == "." || part == "/")
      continue;
    if (part == "..") {
      at = at.parent_path();
      continue;
    }
    fs::path next = at / part;
    if (!fs::is_symlink(place(next, original), failure)) {
      at = next;
      continue;
    }
    fs::path target = fs::read_symlink(place(next, original), failure);
    if (failure || ++links > kMostLinks)
      return {};
    ahead.insert(ahead.begin(), target.begin(), target.end());
    if (target.is_absolute())
      at = "/";
  }
  std::string found = place(at, original);
  return fs::exists(found, failure) ? found : "";
}

std::string BothTrees::now(const std::string &path) const {
  return follow(path, false);
}

std::string BothTrees::then(const std::string &path) const {
  return follow(path, true);
}

} // namespace care::cc
