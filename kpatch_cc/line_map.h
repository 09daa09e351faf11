// SPDX-License-Identifier: GPL-2.0-or-later
//
// How the lines of a patched source are numbered so that the unpatched ones keep
// the numbers that they had.
//
//     original      patched       number
//     1 int x;      1 int x;      1
//     2 f();        2 g();        2     replaced: the number of what it replaces
//     3 end();      3 h();        4     added: behind the last line of the original
//                   4 end();      3
//
// No two lines share a number: labels and names made of __LINE__ rely on that. A user who
// reads `a.c:4` in a message of the patched program can tell that the line is new.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

class LineMap {
 public:
  // Reads the output of diff(1), normal format. `lines` is the number of lines of the
  // original; text behind its last newline counts as a line. Throws Error (bad_input) for
  // other text.
  LineMap(std::string_view differences, uint32_t lines);
  // Runs diff. Throws Error when it cannot.
  static LineMap between(const std::string &original, const std::string &patched);

  // Every line keeps its number.
  bool identity() const { return by_line_.size() == 1; }
  // The number of a line of the patched file; both count from 1.
  uint32_t number_of(uint32_t line) const;
  // The reverse: the line of the patched file that has the number.
  uint32_t line_of(uint32_t number) const;
  // Numbers above this one are those of added lines.
  uint32_t original_lines() const { return lines_; }

 private:
  // Up to the next one, numbers grow with the lines.
  struct Span {
    uint32_t line;
    uint32_t number;
  };

  uint32_t lines_;
  std::vector<Span> by_line_;
  std::vector<Span> by_number_;
};

} // namespace care::cc
