// SPDX-License-Identifier: GPL-2.0-or-later
//
// A file mapped read-only for as long as the object lives.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace care {

class MappedFile {
 public:
  // Throws Error naming the path when it cannot be opened or is no regular file.
  explicit MappedFile(const std::string &path);
  MappedFile(MappedFile &&other) noexcept;
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  MappedFile &operator=(MappedFile &&) = delete;
  ~MappedFile();

  const std::string &path() const { return path_; }
  std::string_view text() const { return {data_, size_}; }

 private:
  std::string path_;
  const char *data_ = nullptr;
  size_t size_ = 0;
};

} // namespace care
