// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/mapped_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care {

MappedFile::MappedFile(const std::string &path) : path_(path) {
  Fd fd = open_file(path, O_RDONLY);
  struct stat st {};
  if (fstat(fd.get(), &st) != 0)
    throw system_error(errno, "cannot stat {}", path);
  if (!S_ISREG(st.st_mode))
    throw error("{}: not a regular file", path);
  size_ = static_cast<size_t>(st.st_size);
  if (size_ == 0)
    return;
  void *map = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (map == MAP_FAILED)
    throw system_error(errno, "cannot map {}", path);
  data_ = static_cast<const char *>(map);
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (data_)
    munmap(const_cast<char *>(data_), size_);
}

} // namespace care
