// SPDX-License-Identifier: GPL-2.0-or-later
//
// The alignment padding between functions: bytes that mean nothing, that no
// symbol and no unwind entry covers, that nothing refers to or branches into, and
// that the function before does not run into. A jump may stand there.
//
// nops that -fpatchable-function-entry puts before an entry are listed in data
// (__patchable_function_entries): they are referred to, and so are left alone.
#pragma once

#include <optional>
#include <vector>

#include "kpatch_tool/proof/code_entries.h"

namespace care::tool {

class Paddings {
 public:
  // Link addresses are those of `file`, the instrumented link. `entries` must cover
  // whatever is asked for, and outlive this object.
  Paddings(const LinkedFile &file, const CodeEntries &entries);

  // Whole bytes of padding from `end`, the end of a function, on.
  uint64_t behind(LinkAddr end);
  // All that lies in `range`, each piece free of what was claimed.
  std::vector<LinkRange> in(LinkRange range);
  // The range is in use from now on and is not offered again.
  void claim(LinkRange range) { claimed_.push_back(range); }

 private:
  struct Gap {
    LinkRange range;
    LinkRange before; // what covers the bytes in front of it
  };

  const std::vector<Gap> &gaps_of(const ElfSection &section);
  std::optional<LinkRange> usable(const Gap &gap) const;

  const LinkedFile &file_;
  const CodeEntries &entries_;
  std::vector<LinkRange> frames_; // of the unwind entries
  std::vector<LinkRange> claimed_;
  std::unordered_map<uint32_t, std::vector<Gap>> gaps_; // by section
};

} // namespace care::tool
