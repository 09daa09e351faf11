// SPDX-License-Identifier: GPL-2.0-or-later
//
// How far a build is: one line that is overwritten on a terminal, one line at
// the end otherwise. What it counts are the lines that kpatch_cc appends to the
// store's log, one for each assembly text.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "kpatch_make/options.h"

namespace care::make {

class Progress {
 public:
  // `show` false: count only (the build's own output is on the screen).
  Progress(std::string stage, std::string log, bool show);
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  ~Progress();

  void update();
  // Prints the closing line; returns the count. `reused` of them were not compiled.
  size_t finish(const BuildTime &time, size_t reused);

 private:
  void read_more();
  void clear();

  std::string stage_, log_;
  bool line_; // a line that is overwritten
  bool shown_ = false;
  std::chrono::steady_clock::time_point begin_;
  size_t read_ = 0, count_ = 0;
  std::string last_;
};

} // namespace care::make
