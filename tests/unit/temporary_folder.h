// SPDX-License-Identifier: GPL-2.0-or-later
//
// A folder that goes away with what is in it when the test is over.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "lib/base/error.h"

namespace care {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "libcare-unit.XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr)
      throw system_error(errno, "cannot create {}", path_);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string &path() const { return path_; }

 private:
  std::string path_;
};

} // namespace care
