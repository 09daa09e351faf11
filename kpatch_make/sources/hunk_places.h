// SPDX-License-Identifier: GPL-2.0-or-later
//
// Does each hunk of a fix go where it belongs? patch(1) takes the place nearest to the hunk's
// line number where its old lines stand. A fix for a newer version has other numbers than the
// package, and what it goes into may stand in several similar functions: then it goes into
// the wrong one, it compiles, and the fault remains.
//
// Hunks that moved are looked at, those whose old lines the file has at several places. The
// text behind the @@ names the function (diff -p, git): when patch(1) would go into another
// than that, and one of the places is in that function, the fix is wrong for this file. What
// cannot be told is left to the reader of a warning. A hunk that stands at its own line
// number is believed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::make {

struct MovedHunk {
  std::string file;  // as patch(1) calls it
  size_t number = 0; // from 1
  long offset = 0;   // lines from where the hunk says
  size_t fuzz = 0;   // lines of context that patch(1) did without
};

// What patch(1) says of hunks that went in elsewhere than they say.
std::vector<MovedHunk> moved_hunks(std::string_view patch_output);

struct HunkDoubt {
  bool wrong = false; // surely; else a person has to look at it
  std::string text;
};

// `part`: what a fix does to one file; `file`: that file's text before. Nothing when there is
// no doubt.
std::vector<HunkDoubt> doubts_of(std::string_view part, std::string_view file,
                                 const std::vector<MovedHunk> &moved);

} // namespace care::make
