// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finds the places in C and C++ text where a directive can stand between two lines: follows
// comments, strings, raw strings, continued lines and parentheses from line to line.
#pragma once

#include <string>
#include <string_view>

namespace care::cc {

class SourceScanner {
 public:
  // May a directive stand in front of the next line?
  bool at_line_start() const {
    return !comment_ && !raw_ && !continued_ && parentheses_ == 0 && !directive_;
  }
  // Can the next line be a directive itself?
  bool may_be_directive() const { return !comment_ && !raw_ && !continued_; }
  // `line` is the next line, without its newline.
  void take(std::string_view line);

 private:
  size_t skip_literal(std::string_view line, size_t at);
  void token(std::string_view line, size_t &at);

  bool comment_ = false;
  bool line_comment_ = false;
  bool raw_ = false;
  bool continued_ = false;
  bool directive_ = false; // a continued line that began with #
  char open_ = 0;          // quote of a literal that goes on in the next line
  int parentheses_ = 0;
  std::string raw_end_; // )delimiter"
};

} // namespace care::cc
