// SPDX-License-Identifier: GPL-2.0-or-later
//
// Definitions that a fix adds to a file although another file of the program may have them:
// inline functions, template instances, their static locals and guards, virtual tables.
// A plain link keeps one of each. kpatch_gensrc emits them as NAME.kpatch, so that the
// original code cannot bind to them, and its record says NAME (kShared). Where the link
// defines NAME outside the .kpatch sections, the patch refers to that definition: one
// counter, one address. The copy stays in the patch, unused.
//
// Definitions of the name in other objects are not searched: the patch then has its own.
// But where original code takes the name from another object, that object is known to have
// it, and the patch is refused.
#pragma once

#include <map>

#include "kpatch_tool/proof/reference.h"

namespace care::tool {

class SharedNames {
 public:
  // Error (unsupported) when the link has several local symbols of one such name.
  explicit SharedNames(const LinkedFile &instrumented);

  // The program's own definition of what lies as NAME.kpatch at `replacement`; null when
  // there is none. It lives as long as the file.
  const ElfSymbol *programs_own(LinkAddr replacement) const;
  // The same for a symbol of a relocation. Section symbols stand for other things.
  const ElfSymbol *programs_own(const ElfSymbol &symbol) const;
  // Leads a reference to NAME.kpatch, unless by a slot, to the program's own NAME; true
  // when it did.
  bool redirect(Reference &ref) const;
  // How the dynamic linker knows the program's own, where that is a library's and code of
  // the library looks it up: another object may come first and have the one that counts.
  const DynamicSymbol *looked_up(const ElfSymbol &programs_own) const;

 private:
  const LinkedFile &file_;
  std::map<LinkAddr, const ElfSymbol *> own_;           // by the address of NAME.kpatch
  std::map<LinkAddr, const DynamicSymbol *> looked_up_; // defined here, by address
};

// Error (unsupported) where original code refers to a shared name, or to the function of a
// shared static local, that no file of the program defines. To be asked before the layout
// proof, which would say no more than that this code came to refer to something else.
void refuse_names_of_others(const LinkedFile &instrumented);

} // namespace care::tool
