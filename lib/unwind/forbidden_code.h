// SPDX-License-Identifier: GPL-2.0-or-later
//
// The code that no thread may be in, or return into, while it is replaced.
#pragma once

#include <string>
#include <vector>

#include "lib/base/address.h"

namespace care {

struct CodeRange {
  RemoteRange range;
  std::string name; // function, for messages
};

class ForbiddenCode {
 public:
  ForbiddenCode() = default;
  explicit ForbiddenCode(std::vector<CodeRange> ranges);

  // The range in which an instruction pointer lies, or null.
  const CodeRange *holds(RemoteAddr pc) const;

  // Could `word` be a return address, or a saved instruction pointer, of one of
  // the ranges? A return address is one behind its call: the end of a range counts
  // (a call can be a function's last instruction), and so does its beginning (a
  // signal frame saves the pc itself).
  bool may_lead_into(uint64_t word) const {
    // Unsigned: one comparison for both ends. Nearly every word ends here.
    if (word - low_ > span_)
      return false;
    return search(word);
  }

  bool empty() const { return ranges_.empty(); }

 private:
  bool search(uint64_t word) const;

  std::vector<CodeRange> ranges_; // ascending, not overlapping
  uint64_t low_ = 0;              // of the first range; search() is right when there is none
  uint64_t span_ = 0;
};

} // namespace care
