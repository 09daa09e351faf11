// SPDX-License-Identifier: GPL-2.0-or-later
//
// A fix, file by file. Published ones come with more than code: test data in git's binary
// form, which patch(1) refuses, tests and release notes that a source package lacks or has
// otherwise. Leaving such a part out is no reason to edit the fix.
//
// Unified diffs, as git, quilt, Subversion and diff(1) write them. Anything else is one part.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace care::make {

struct FixPart {
  std::string file;     // without the first folder (a/ or b/); "" for what stands in front
  std::string text;     // its lines, ends included
  bool binary = false;  // git's binary form
  bool creates = false; // the file is new, or so the part says
};

// "@@ -7,3 +7,4 @@ int f(void)"; a missing count is 1.
struct HunkHead {
  long line = 0; // where the old lines begin, from 1
  long old_count = 0, new_count = 0;
  std::string heading; // what stands behind the second @@
};

// Nothing when it is none, or its numbers are none that a file could have.
std::optional<HunkHead> read_hunk_head(std::string_view line);

// The texts of all parts are `text`.
std::vector<FixPart> split_fix(std::string_view text);

// Whether one of `skip` is the file, a folder that it is in, or a pattern as the shell has
// them (`tests/*.bin`).
bool is_skipped(const std::string &file, const std::vector<std::string> &skip);

} // namespace care::make
