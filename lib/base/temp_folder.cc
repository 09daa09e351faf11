// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/temp_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "lib/base/environment.h"
#include "lib/base/error.h"

namespace care {

namespace fs = std::filesystem;

void remove_folder(const std::string &folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  if (!fs::exists(fs::symlink_status(folder, ignored)))
    return;
  for (auto it = fs::recursive_directory_iterator(
           folder, fs::directory_options::skip_permission_denied, ignored);
       it != fs::recursive_directory_iterator(); it.increment(ignored))
    if (it->is_directory(ignored) && !it->is_symlink(ignored))
      fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
  fs::remove_all(folder, ignored);
}

std::string temp_parent() {
  std::string named = environment("TMPDIR");
  std::string parent = named.empty() ? "/tmp" : named;
  std::error_code failure;
  if (!fs::is_directory(parent, failure))
    throw error("{}: no folder for temporary files", parent).with_hint("set TMPDIR");
  return parent;
}

TempFolder::TempFolder(const std::string &prefix, const std::string &parent)
    : path_(parent + "/" + prefix + ".XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) // mode 0700
    throw system_error(errno, "cannot create {}", path_);
}

TempFolder::TempFolder(TempFolder &&other) noexcept : path_(other.release()) {}

TempFolder::~TempFolder() {
  if (!path_.empty())
    remove_folder(path_);
}

std::string TempFolder::release() {
  return std::exchange(path_, {});
}

} // namespace care
