// SPDX-License-Identifier: GPL-2.0-or-later
//
// Two links of the same code: the instrumented one, which has symbols and
// relocations, and the target, which has what is going to run. A place is the
// same in both when section name and offset are; addresses differ, since stubs,
// slots and the .kpatch sections push things around.
#pragma once

#include <unordered_map>

#include "kpatch_tool/proof/reference.h"
#include "kpatch_tool/proof/slot_value.h"

namespace care::tool {

class LinkPair {
 public:
  LinkPair(const LinkedFile &instrumented, const LinkedFile &target);

  const LinkedFile &instrumented;
  const LinkedFile &target;

  // The target's section of the same name, or null.
  const ElfSection *counterpart(const ElfSection &instrumented_section) const;
  // Address in the target of an address that belongs to `section` of the
  // instrumented link (its end included). Error does_not_fit when it has none.
  LinkAddr to_target(const ElfSection &section, LinkAddr addr) const;

 private:
  std::unordered_map<std::string_view, const ElfSection *> target_sections_;
};

} // namespace care::tool
