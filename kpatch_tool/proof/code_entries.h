// SPDX-License-Identifier: GPL-2.0-or-later
//
// The entries into a piece of code: every direct branch that leads into it, every
// instruction and every word of data that holds an address in it.
//
// The sweep reads the instrumented link, whose code is that of the target (layout proof).
// It has relocations, and symbols at which the sweep gets back in step with the
// instructions. Indirect branches are not seen, but the words of data that hold their
// targets are. Distances in jump tables (a target less the table's beginning) do not tell
// their target and are left out: a jump table belongs to one function.
#pragma once

#include <vector>

#include "kpatch_tool/proof/linked_file.h"

namespace care::tool {

struct CodeEntry {
  enum class Kind { branch, code_address, data_address };
  LinkAddr to;
  LinkAddr from; // instruction, or word of data
  Kind kind = Kind::branch;
};

class CodeEntries {
 public:
  // Only entries into `ranges` are kept.
  CodeEntries(const LinkedFile &file, std::vector<LinkRange> ranges);

  // Those that lead into [range.begin, range.end), ascending.
  std::vector<CodeEntry> into(LinkRange range) const;

 private:
  void sweep(const LinkedFile &file, const ElfSection &section);
  void add_addresses(const LinkedFile &file, const ElfSection &section);
  void add(LinkAddr to, LinkAddr from, CodeEntry::Kind kind);

  std::vector<LinkRange> ranges_; // ascending, disjoint
  std::vector<CodeEntry> entries_;
};

} // namespace care::tool
