// SPDX-License-Identifier: GPL-2.0-or-later
//
// File descriptors that close themselves, and whole-file reads and writes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace care {

// Owns one file descriptor; -1 when empty. Movable, not copyable.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd &&other) noexcept : fd_(other.release()) {}
  Fd &operator=(Fd &&other) noexcept;
  Fd(const Fd &) = delete;
  Fd &operator=(const Fd &) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC added. Throws Error naming the path and errno.
Fd open_file(const std::string &path, int flags, unsigned mode = 0666);

// The whole file as bytes. Works for /proc files, whose size is 0.
std::string read_file(const std::string &path);

// Writes to a temporary file beside `path` and renames it there: a reader sees
// the old or the new content, never half of it.
void write_file(const std::string &path, std::string_view content, unsigned mode = 0666);

// write(2) until everything is out. `what` names the file in errors.
void write_all(int fd, std::string_view content, std::string_view what);

} // namespace care
