// SPDX-License-Identifier: GPL-2.0-or-later
//
// The new thread-local variables of a patch in the target: a memory file with the
// object of tls_object.h, opened there with dlopen() in a borrowed thread.
//
// Nothing of the file system is touched, and the file's descriptor is closed again
// at once. What stays is the handle, which the region remembers: who undoes the
// patch closes it, and the place in the threads is free for the next.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

// Throws Error unsupported when the target has no dlopen(): a static program.
void check_tls_possible(Target &target);

// Blocks of the target that go away with this object, unless kept.
class StagedTls {
 public:
  StagedTls(Target &target, std::chrono::milliseconds timeout)
      : target_(target), timeout_(timeout) {}
  StagedTls(const StagedTls &) = delete;
  StagedTls &operator=(const StagedTls &) = delete;
  ~StagedTls();

  // Opens a block with these first values, sets region.tls_handle, and returns the
  // block's distance from the thread pointer. `region` is mapped, its header not
  // written yet. Throws Error unsupported when the dynamic linker has no room.
  int64_t open(Region &region, const std::string &first_values, uint64_t align);

  void keep() { handles_.clear(); }

 private:
  Target &target_;
  std::chrono::milliseconds timeout_;
  std::vector<RemoteAddr> handles_;
};

// The memory file's name, as /proc shows it behind "/memfd:": it tells whose it is.
std::string tls_file_name(const Region &region);
// Where the block's object is mapped; nothing when it is not.
std::optional<RemoteAddr> tls_mapping(const Target &target, const Region &region);
// Notes region.tls_handle in the header.
void write_handle(const RemoteMemory &memory, const Region &region);

// Closes the block of a patch that is no longer in use, and notes that in its
// header. Nothing to do when it has none. Throws Error when dlclose() cannot be called
// or fails.
void close_tls(Target &target, Region &region, std::chrono::milliseconds timeout);

} // namespace care
