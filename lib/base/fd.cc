// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/fd.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"

namespace care {

Fd &Fd::operator=(Fd &&other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() {
  int fd = fd_;
  fd_ = -1;
  return fd;
}

void Fd::reset() {
  if (fd_ >= 0)
    close(fd_);
  fd_ = -1;
}

Fd open_file(const std::string &path, int flags, unsigned mode) {
  int fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0)
    throw system_error(errno, "cannot open {}", path);
  return Fd(fd);
}

std::string read_file(const std::string &path) {
  Fd fd = open_file(path, O_RDONLY);
  struct stat st {};
  std::string content;
  if (fstat(fd.get(), &st) == 0 && st.st_size > 0)
    content.reserve(static_cast<size_t>(st.st_size));
  char buffer[65536];
  for (;;) {
    ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      throw system_error(errno, "cannot read {}", path);
    if (n == 0)
      return content;
    content.append(buffer, static_cast<size_t>(n));
  }
}

void write_all(int fd, std::string_view content, std::string_view what) {
  while (!content.empty()) {
    ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      throw system_error(errno, "cannot write {}", what);
    content.remove_prefix(static_cast<size_t>(n));
  }
}

void write_file(const std::string &path, std::string_view content, unsigned mode) {
  std::string temporary = path + ".XXXXXX";
  Fd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd)
    throw system_error(errno, "cannot create {}", temporary);
  try {
    write_all(fd.get(), content, path);
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd.get(), mode & ~mask) != 0 || rename(temporary.c_str(), path.c_str()) != 0)
      throw system_error(errno, "cannot write {}", path);
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
}

} // namespace care
