// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/forbidden_code.h"

#include <algorithm>

namespace care {

ForbiddenCode::ForbiddenCode(std::vector<CodeRange> ranges) {
  std::erase_if(ranges, [](const CodeRange &r) { return r.range.empty(); });
  std::sort(ranges.begin(), ranges.end(),
            [](const CodeRange &a, const CodeRange &b) { return a.range.begin < b.range.begin; });
  // Two names for the same code (an unsafe function that is also changed) become
  // one range: the search below wants them disjoint.
  for (CodeRange &r : ranges) {
    if (!ranges_.empty() && r.range.begin < ranges_.back().range.end)
      ranges_.back().range.end = std::max(ranges_.back().range.end, r.range.end);
    else
      ranges_.push_back(std::move(r));
  }
  if (!ranges_.empty()) {
    low_ = ranges_.front().range.begin.value;
    span_ = ranges_.back().range.end.value - low_;
  }
}

const CodeRange *ForbiddenCode::holds(RemoteAddr pc) const {
  auto it = std::upper_bound(ranges_.begin(), ranges_.end(), pc,
                             [](RemoteAddr a, const CodeRange &r) { return a < r.range.end; });
  return it != ranges_.end() && it->range.contains(pc) ? &*it : nullptr;
}

bool ForbiddenCode::search(uint64_t word) const {
  // The first range that does not end below the word.
  auto it = std::lower_bound(ranges_.begin(), ranges_.end(), word,
                             [](const CodeRange &r, uint64_t w) { return r.range.end.value < w; });
  return it != ranges_.end() && it->range.begin.value <= word;
}

} // namespace care
