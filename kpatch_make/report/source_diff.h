// SPDX-License-Identifier: GPL-2.0-or-later
//
// The source behind a changed function: the lines that the fix changed among those
// that its code came from, according to the debug information. Without debug
// information, what the fix changes in the file that was compiled.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/json/json.h"

namespace care::make {

// The two copies of the source tree.
struct SourceTrees {
  std::string path;     // as the compilers saw it
  std::string original; // where the copies are
  std::string patched;
};

// A row of an excerpt. Line 0: no such line on that side. A gap has neither.
struct SourceRow {
  size_t old_line = 0;
  size_t new_line = 0;
  std::string text;
};

class SourceDiffs {
 public:
  explicit SourceDiffs(SourceTrees trees) : trees_(std::move(trees)) {}

  // Excerpts for one function of kpatch_gensrc's report (its "listing"), compiled in
  // `directory` from `source`: [{file, note, rows: [{mark, old, new, text}]}].
  Json excerpts(const Json &function, const std::string &directory, const std::string &source);

 private:
  struct File {
    std::string name; // relative to the tree
    std::vector<SourceRow> rows;
    bool differs = false;
  };

  const File *file(const std::string &name, const std::string &directory);

  SourceTrees trees_;
  std::map<std::string, std::optional<File>> files_;
};

// A fix as rows: [{name, rows: [{mark, text}]}].
Json fix_json(const std::string &path);

} // namespace care::make
