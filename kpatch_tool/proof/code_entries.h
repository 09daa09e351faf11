// SPDX-License-Identifier: GPL-2.0-or-later
//
// Who can enter a piece of code, and where: every direct branch that leads into
// it, every instruction and every word of data that holds an address in it.
//
// The instrumented link is read: it has the symbols, at which the sweep through
// the code finds its feet again, and the relocations; its code is that of the
// target (layout proof). Not seen are indirect branches: their targets come from
// words of data, and those are seen. Distances in jump tables (a target less the
// table's beginning) do not tell their target and are left out: a jump table
// belongs to one function.
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
