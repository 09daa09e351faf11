// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/layout_proof.h"

namespace care::tool {

namespace {

constexpr size_t kShownDifferences = 5;

void require_relocations(const LinkedFile &file) {
  if (file.symbols.empty())
    throw file.elf.bad("no symbol table: this is not the instrumented link")
        .with_hint("do not strip it (-s) and link it with -Wl,--emit-relocs");
  for (const ElfSection &s : file.elf.sections())
    if (s.flags & SHF_EXECINSTR && !is_synthetic(s) && file.elf.emitted_relocations(s))
      return;
  throw file.elf.bad("no relocations: this is not the instrumented link")
      .with_hint("link it with -Wl,--emit-relocs");
}

} // namespace

LayoutProof compare_layout(const LinkPair &pair) {
  pair.instrumented.require_linked();
  pair.target.require_linked();
  require_relocations(pair.instrumented);
  LayoutProof proof(pair);
  if (pair.instrumented.elf.type() != pair.target.elf.type()) {
    proof.differences.add("one has a fixed address, and the other has not");
    return proof;
  }
  compare_sections(pair, proof);
  if (proof.shifted)
    return proof; // all the rest would differ too, and say nothing
  compare_dynamic(pair, proof);
  compare_frames(pair, proof);
  return proof;
}

Error layout_differs(const LayoutProof &proof) {
  return proof.differences.error(kShownDifferences);
}

} // namespace care::tool
