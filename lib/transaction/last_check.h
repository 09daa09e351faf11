// SPDX-License-Identifier: GPL-2.0-or-later
//
// The last look before the change, while every thread stands still: the target may have
// run since it was inspected. It may have executed another program, unloaded an object,
// and another program may have changed the code. All of it is one read, since each system
// call more is a microsecond more for the target; and it is rehearsed before the stop, so
// that what can be seen without one costs none, and the kernel's way is warm.
#pragma once

#include <vector>

#include "lib/transaction/commit.h"

namespace care {

class LastCheck {
 public:
  // `request` must outlive it.
  explicit LastCheck(const CommitRequest &request);

  // Throws Error no_process when the regions are gone with the program, ObjectGone when
  // other objects stand in the place of ours, Error does_not_fit naming the first function
  // whose bytes are not those that the change begins with.
  void run(const RemoteMemory &memory);

 private:
  void check_regions(const RemoteMemory &memory) const;
  void check_objects() const;

  const CommitRequest &request_;
  std::vector<RemoteMemory::Piece> wanted_; // regions, then objects, then code
  std::vector<std::byte> bytes_;            // what wanted_ is read into
  std::vector<RemoteMemory::Piece> got_;
};

} // namespace care
