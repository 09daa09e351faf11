// SPDX-License-Identifier: GPL-2.0-or-later
//
// The differences that the layout proof found. They are gathered rather than thrown at the
// first, so that a user who looks for the differing compiler option or source sees all
// functions that differ, and the instruction on both sides.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kpatch_tool/proof/link_pair.h"

namespace care::tool {

struct DifferenceSide {
  std::string bytes;       // "48 8b 05 ...", empty when there are none to show
  std::string instruction; // empty outside of code
};

struct Difference {
  // In the instrumented link; section is empty for what concerns the whole file.
  std::string section;
  uint64_t offset = 0;
  std::string symbol; // function or object, empty when unknown
  uint64_t symbol_offset = 0;
  bool function = false;
  std::string what;
  std::string relocation; // "R_X86_64_PC32 stderr", when one falls there
  DifferenceSide ours;
  DifferenceSide theirs;

  // ".text+0x120 (foo+0x10): bytes 31 c0, in the target 31 db"
  std::string headline() const;
  // The same with relocation and both sides, on lines of their own.
  std::string text() const;
};

// What is not known to be equal: the whole function or object, or the bytes alone where no
// symbol says what they belong to.
struct DifferingRange {
  LinkRange range; // in the instrumented link
  bool named = false;
  Difference difference;
};

class Differences {
 public:
  explicit Differences(const LinkPair &pair) : pair_(pair) {}

  // Of one file as a whole.
  void add(const std::string &what);
  // At a place of the instrumented link. Only the first of each function or object is
  // kept. `width` bytes and the instruction are shown, where the target has them.
  // `theirs` is the place in the target where it is not at the same offset.
  // Returns up to where there is no news: the end of the function or object.
  LinkAddr add(LinkAddr place, const std::string &what, unsigned width = 0,
               const std::string &relocation = {}, std::optional<LinkAddr> theirs = {});

  // A reference that is not the same in the target: `to` is what it refers to in the
  // instrumented link. Whatever lies there may lie elsewhere in the target.
  void add_failed_reference(LinkRange to) { failed_references_.push_back(to); }

  // All of them, those that list() leaves out included.
  const std::vector<DifferingRange> &ranges() const { return ranges_; }
  const std::vector<LinkRange> &failed_references() const { return failed_references_; }
  // Does each have a place? If not, one concerns the file as a whole.
  bool placed() const { return placed_; }
  const std::vector<Difference> &list() const { return list_; }
  bool empty() const { return list_.empty(); }
  size_t functions() const { return functions_; }
  // Error (does_not_fit) that counts them and shows the first `shown`.
  Error error(size_t shown) const;

 private:
  void show_sides(Difference &difference, LinkAddr place, LinkAddr theirs, unsigned width) const;
  std::string hint() const;

  const LinkPair &pair_;
  std::vector<Difference> list_;
  std::set<std::pair<std::string, std::string>> seen_; // section, symbol
  std::vector<DifferingRange> ranges_;
  std::vector<LinkRange> failed_references_;
  bool placed_ = true;
  size_t functions_ = 0;
};

} // namespace care::tool
