// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a changed type means for a process that runs.
//
// Objects that exist when a patch goes in have the old layout. New code that meets one
// of them reads and writes beside it. So a changed type is refused, unless nothing new
// can meet an old object:
//
//   harmless    only names, declarations or signs changed; or no changed function can
//               reach the type
//   stack       its objects exist on the stacks of functions only, as far as the debug
//               information tells: nothing points to it but parameters. These functions
//               are changed, or may not be running while the patch goes in.
//   passing     every way to the changed functions that use it leads through functions
//               that keep the root of what they work on on their own stack (an object by
//               value from which the type can be reached), and no static variable leads
//               to it within kStaticSteps members. These functions may not be running
//               either. That no object outlives them is likely, and not checked: the
//               verdict is shown with the patch.
//   replaced    only the signature of function pointers changed, and every function that
//               is called the old way is replaced: old pointers lead to new code
//   accepted    the user said why it is no danger: --accept-layout, or
//               KPATCH_ACCEPT_LAYOUT in the fix
//   refused     all others
//
// docs/adapting.rst is the manual.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/dwarf/compare_types.h"
#include "lib/layout/use_graph.h"

namespace care {

enum class LayoutVerdict { harmless, stack, replaced, passing, accepted, refused };
std::string_view verdict_word(LayoutVerdict verdict);

// A way that long from a static variable nearly always means living objects; longer ones
// connect everything with everything in most programs.
inline constexpr size_t kStaticSteps = 3;

struct TypeFinding {
  TypeChange change;
  LayoutVerdict verdict = LayoutVerdict::refused;
  std::string evidence;                // why, in words
  std::string reason;                  // of an accepted one
  std::vector<std::string> users;      // changed functions that name the type
  std::vector<std::string> reaching;   // changed functions that can only reach it
  std::vector<std::string> not_active; // functions that must not be running at commit
  std::string sources;                 // units it was seen in, "a.c, b.c"
  std::string skeleton;                // of a hook; for refused ones
};

struct LayoutReport {
  std::vector<TypeFinding> findings;
  std::vector<std::string> unchecked; // "a.c: no debug information"
  // Static variables of another type or length: "table (a.c:7): struct row[8] -> struct row[9]".
  std::vector<std::string> variables{};
  // signature_text() -> functions of the original called so, and whether they changed.
  std::map<std::string, std::map<std::string, bool>> called{};
  bool refused() const;
};

// "struct NAME" -> why it is no danger.
using Acceptances = std::map<std::string, std::string>;
// "struct NAME: reason". Throws Error (usage) without a reason.
void accept_layout(Acceptances &accepted, const std::string &text);

} // namespace care
