// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which elements of one sequence are which of another: a longest common
// subsequence by E. Myers, "An O(ND) Difference Algorithm and Its Variations"
// (Algorithmica 1, 1986), for people to look at. Sequences that have little in
// common take quadratic time, so the search ends at a number of differences
// above which the bytes are no longer read one by one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace care {

inline constexpr int kMaxAlignedDifferences = 1500;

// Pairs (index in the left one, index in the right one).
using Alignment = std::vector<std::pair<size_t, size_t>>;

// The search, between what is equal at both ends. `Same` is bool(int x, int y).
template<typename Same>
class EditGraph {
 public:
  EditGraph(int width, int height, Same same)
      : width_(width), height_(height), same_(std::move(same)) {}

  // Equal pairs, the last one first; none when there are too many differences.
  std::vector<std::pair<int, int>> equal_backwards() {
    int differences = search();
    std::vector<std::pair<int, int>> pairs;
    int x = width_;
    int y = height_;
    for (int d = differences; d >= 0; d--) {
      int begin = d == 0 ? 0 : entry(d, x - y);
      int diagonal = x - y;
      for (; x > begin; x--, y--)
        pairs.emplace_back(x - 1, y - 1);
      if (d > 0) {
        bool down = goes_down(d, diagonal);
        x = down ? x : x - 1;
        y = down ? y - 1 : y;
      }
    }
    return pairs;
  }

 private:
  // How far diagonal k = x - y leads with d differences.
  int reached(int d, int k) const { return furthest_[static_cast<size_t>(d)][size_t(k + d)]; }
  // Diagonal k is entered with the d-th difference from the one above it, or from
  // the left.
  bool goes_down(int d, int k) const {
    return k == -d || (k != d && reached(d - 1, k - 1) < reached(d - 1, k + 1));
  }
  int entry(int d, int k) const {
    return goes_down(d, k) ? reached(d - 1, k + 1) : reached(d - 1, k - 1) + 1;
  }

  // The number of differences, -1 when they are too many.
  int search() {
    for (int d = 0; d <= std::min(width_ + height_, kMaxAlignedDifferences); d++) {
      furthest_.emplace_back(static_cast<size_t>(2 * d + 1), 0);
      for (int k = -d; k <= d; k += 2) {
        int x = d == 0 ? 0 : entry(d, k);
        while (x < width_ && x - k < height_ && same_(x, x - k))
          x++;
        furthest_.back()[static_cast<size_t>(k + d)] = x;
        if (k == width_ - height_ && x >= width_)
          return d;
      }
    }
    return -1;
  }

  int width_;
  int height_;
  Same same_;
  std::vector<std::vector<int>> furthest_;
};

// Pairs of equal elements, ascending in both. `same(i, j)` compares. With more than
// kMaxAlignedDifferences differences only what is equal at both ends is paired.
template<typename Same>
Alignment align(size_t left, size_t right, Same same) {
  Alignment pairs;
  size_t front = 0;
  for (; front < left && front < right && same(front, front); front++)
    pairs.emplace_back(front, front);
  size_t back = 0;
  while (front + back < left && front + back < right && same(left - 1 - back, right - 1 - back))
    back++;
  EditGraph graph(static_cast<int>(left - front - back), static_cast<int>(right - front - back),
                  [&](int x, int y) {
                    return same(front + static_cast<size_t>(x), front + static_cast<size_t>(y));
                  });
  std::vector<std::pair<int, int>> middle = graph.equal_backwards();
  for (size_t i = middle.size(); i-- > 0;)
    pairs.emplace_back(front + static_cast<size_t>(middle[i].first),
                       front + static_cast<size_t>(middle[i].second));
  for (size_t i = back; i-- > 0;)
    pairs.emplace_back(left - 1 - i, right - 1 - i);
  return pairs;
}

} // namespace care
