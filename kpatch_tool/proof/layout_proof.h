// SPDX-License-Identifier: GPL-2.0-or-later
//
// The layout proof: the code and data of the instrumented link, less what
// kpatch_gensrc appended, are those of the target binary. By this proof, addresses that
// were resolved in the rebuild are right in a binary that a distributor built, stripped
// and ships with its own build-id.
//
//   sections   every original section has its counterpart: same size, same bytes
//              where no emitted relocation falls; where one falls, the values mean
//              the same (compare_sections.cc)
//   dynamic    what the dynamic linker writes into those sections, what the file
//              exports and needs (compare_dynamic.cc)
//   frames     unwind entries function by function (compare_frames.cc)
//
// Synthetic sections (PLT, GOT, dynamic symbols, hashes) may differ in size and
// order: they are compared by what refers to them.
#pragma once

#include <string>
#include <vector>

#include "kpatch_tool/proof/differences.h"

namespace care::tool {

struct SkippedSection {
  std::string name;
  std::string reason;
};

struct LayoutProof {
  size_t sections = 0;
  uint64_t bytes = 0;
  size_t relocations = 0;
  size_t dynamic_relocations = 0;
  size_t frames = 0;
  std::vector<SkippedSection> skipped;
  // Sections differ in size or kind: what lies behind cannot be compared.
  bool shifted = false;
  Differences differences;

  explicit LayoutProof(const LinkPair &pair) : differences(pair) {}
};

// Everything that differs; it is a proof when there is nothing. Throws Error only when
// the files cannot be compared (no relocations: bad_input). `pair` must outlive it.
LayoutProof compare_layout(const LinkPair &pair);
// Error (does_not_fit) that counts what differs and shows the first.
Error layout_differs(const LayoutProof &proof);

// The steps of it; each adds to `proof`.
void compare_sections(const LinkPair &pair, LayoutProof &proof);
void compare_dynamic(const LinkPair &pair, LayoutProof &proof);
void compare_frames(const LinkPair &pair, LayoutProof &proof);
// Do functions of a code section begin or end elsewhere, although there are as many?
bool functions_moved(const LinkPair &pair, const ElfSection &ours, const ElfSection &theirs);
// Which functions of a code section differ where others have moved. False when they cannot
// be told apart: no unwind entries, or another number of them.
bool compare_functions(const LinkPair &pair, const ElfSection &ours, const ElfSection &theirs,
                       LayoutProof &proof);

} // namespace care::tool
