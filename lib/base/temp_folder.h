// SPDX-License-Identifier: GPL-2.0-or-later
//
// Folders that go away with what is in them.
#pragma once

#include <string>

namespace care {

// Removes `folder` with everything in it, parts without write permission included (module
// caches of some builds). What cannot be removed stays, without a word.
void remove_folder(const std::string &folder);

// The folder for temporary files: TMPDIR, else /tmp. Throws Error when it is no folder.
std::string temp_parent();

// A new folder PARENT/PREFIX.XXXXXX of mode 0700, as long as this lives.
class TempFolder {
 public:
  // Throws Error when it cannot be created.
  explicit TempFolder(const std::string &prefix = "libcare",
                      const std::string &parent = temp_parent());
  TempFolder(TempFolder &&other) noexcept;
  TempFolder &operator=(TempFolder &&other) = delete;
  TempFolder(const TempFolder &) = delete;
  TempFolder &operator=(const TempFolder &) = delete;
  ~TempFolder();

  const std::string &path() const { return path_; }
  std::string operator/(const std::string &name) const { return path_ + "/" + name; }

  // The folder stays: the caller removes it. Returns its path.
  std::string release();

 private:
  std::string path_; // "" after release()
};

} // namespace care
