// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/link_pair.h"

namespace care::tool {

LinkPair::LinkPair(const LinkedFile &from, const LinkedFile &to) : instrumented(from), target(to) {
  for (const ElfSection &s : to.elf.sections())
    if (s.alloc())
      target_sections_.try_emplace(s.name, &s);
}

const ElfSection *LinkPair::counterpart(const ElfSection &section) const {
  auto found = target_sections_.find(section.name);
  return found == target_sections_.end() ? nullptr : found->second;
}

LinkAddr LinkPair::to_target(const ElfSection &section, LinkAddr addr) const {
  const ElfSection *other = counterpart(section);
  if (!other)
    throw error(ExitCode::does_not_fit, "{}: no section {}", target.elf.path(), section.name);
  // A stub or slot has no counterpart by offset; the beginning of such a section
  // (_DYNAMIC, _GLOBAL_OFFSET_TABLE_) does.
  if (is_synthetic(section) && addr != section.addr)
    throw error(ExitCode::does_not_fit, "{}: {} lies in a section that the linker made",
                instrumented.elf.path(), instrumented.describe(addr));
  return other->addr + (addr.value - section.addr.value);
}

} // namespace care::tool
