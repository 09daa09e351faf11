// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/layout_proof.h"

namespace care {

namespace {

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

LayoutProof prove_layout(const LinkPair &pair) {
  pair.instrumented.require_linked();
  pair.target.require_linked();
  require_relocations(pair.instrumented);
  if (pair.instrumented.elf.type() != pair.target.elf.type())
    throw error(ExitCode::does_not_fit,
                "{} has a fixed address and {} has not, or the other way round",
                pair.instrumented.elf.path(), pair.target.elf.path());
  LayoutProof proof;
  compare_sections(pair, proof);
  compare_dynamic(pair, proof);
  compare_frames(pair, proof);
  return proof;
}

} // namespace care
