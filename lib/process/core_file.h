// SPDX-License-Identifier: GPL-2.0-or-later
//
// The core dump of a process: its memory as it was when it died, in PT_LOAD segments, and
// who it was, in notes (core(5); struct elf_prpsinfo of linux/elfcore.h).
//
// What a core holds is chosen by /proc/PID/coredump_filter: private memory that was written
// is in it by default, unchanged pages of files are not. gcore's cores are of
// the same form.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "lib/base/address.h"
#include "lib/base/mapped_file.h"

namespace care {

struct CoreSegment {
  RemoteRange range; // may be longer than what the file holds of it
  uint64_t offset = 0;
  uint64_t size = 0; // in the file
  bool read = false;
  bool write = false;
  bool exec = false;
};

class CoreFile {
 public:
  // Throws Error bad_input for anything but an x86-64 core.
  explicit CoreFile(const std::string &path);

  const std::vector<CoreSegment> &segments() const { return segments_; } // by address
  pid_t pid() const { return pid_; }                                     // 0: it does not say
  const std::string &comm() const { return comm_; }

  // How many of `size` bytes from `addr` on are in the file, without a gap; they are copied.
  size_t read_some(RemoteAddr addr, void *buffer, size_t size) const;

 private:
  void load_headers();
  void load_note(uint64_t offset, uint64_t size);

  MappedFile file_;
  std::vector<CoreSegment> segments_;
  pid_t pid_ = 0;
  std::string comm_;
};

} // namespace care
