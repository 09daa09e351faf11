// SPDX-License-Identifier: GPL-2.0-or-later
//
// Several assembly files of one link, compared as one.
//
// gcc's link-time optimisation cuts the program into partitions, compiles each to an
// assembly file of its own and moves functions from one to another as their sizes
// change. So all partitions of a link are joined to one text, in which the names that
// each has for itself (labels, static functions, clones) are told apart: labels get
// the partition's number as four more digits, a static symbol that another partition
// mentions too becomes NAME.lto_priv.9NNNN, the way gcc itself renames (names.h). What
// a COMDAT group brings again is left out. The text is for reading, not for assembling.
//
// New code is appended to the first file. It reaches what is local to another one
// through an alias, a hidden global symbol, which is all that is appended there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace care::gensrc {

struct Part {
  std::string path;
  std::string_view text;
};

// Stands in front of each part in a joined text, with its path behind, so that messages
// can tell the place.
inline constexpr std::string_view kPartMark = "\n#kpatch-part ";
inline constexpr std::string_view kJoinedBegin = "\n\t.text\n#kpatch-part ";

struct PartNames;

class JoinedParts {
 public:
  // Texts must stay where they are. Throws Error for assembly that cannot be read.
  explicit JoinedParts(std::vector<Part> parts);

  const std::string &text() const { return text_; }

  // From what is to be appended to text() to what is to be appended to each part.
  std::vector<std::string> split(std::string_view appended) const;

 private:
  struct Local {
    size_t part;
    std::string name; // in that part
  };
  void join(size_t number, const PartNames &names,
            const std::unordered_map<std::string_view, std::string> &renamed,
            std::vector<std::string_view> &groups);
  const Local *local(std::string_view joined, Local &buffer) const;

  std::vector<Part> parts_;
  std::string text_;
  std::unordered_map<std::string, Local> locals_; // by the name in text(); .L labels left out
};

} // namespace care::gensrc
