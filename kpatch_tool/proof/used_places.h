// SPDX-License-Identifier: GPL-2.0-or-later
//
// The parts of the original on which a patch relies, as places of the instrumented link: the
// code that it replaces or writes to, and the whole function or object around every address
// that it holds.
//
// A displacement counts from the end of its instruction, which may lie up to 4 bytes behind
// the relocated bytes: the patch's code is decoded to find it. In data the end is unknown,
// and all objects are taken that could be meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpatch_tool/proof/link_pair.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

struct UsedPlace {
  enum class Kind {
    replaced, // the code itself: no other code may enter it
    pad,      // padding that takes a jump
    code,     // called, or its address taken; must not be on a stack
    constant, // read only, once relocated
    variable, // its bytes are a first value only: where it lies must be known otherwise
  };
  Kind kind = Kind::code;
  LinkRange range; // of the instrumented link
  LinkAddr at;     // what is used of it
  std::string name;
  std::string text() const; // "function foo, which the patch replaces"
};

// Error (does_not_fit) when a place of the target has none in the instrumented link.
std::vector<UsedPlace> find_used_places(const LinkPair &pair, const PatchFile &patch);

// A thread-local variable of the original, as a relocation names it. Local ones may have no
// symbol but their section's: then type and addend tell them apart.
struct ThreadLocalUse {
  uint32_t symbol = 0; // in the instrumented link's symbol table
  uint32_t type = 0;
  int64_t addend = 0;
  auto operator<=>(const ThreadLocalUse &) const = default;
};

// Nothing for a relocation that depends on no such variable's place.
std::optional<ThreadLocalUse> thread_local_use(const LinkedFile &instrumented,
                                               const ElfRelocation &r);
// Those whose offsets are in the patch, in its numbers or its relocations.
std::vector<ThreadLocalUse> used_thread_locals(const LinkedFile &instrumented);

} // namespace care::tool
