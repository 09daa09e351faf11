// SPDX-License-Identifier: GPL-2.0-or-later
//
// Both versions of a changed object, as the compiler wrote them. kpatch_tool compares their
// types. It cannot use kpatch_gensrc's output, from which the build goes on: that has the
// original's debug information. Only kpatch_cc knows the assembler and its options.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/store.h"

namespace care::cc {

struct TypeObjects {
  std::string original, patched;     // object files; "" when there are none
  std::vector<std::string> accepted; // "struct NAME: reason", said in the patched text
};

// argv of the assembler for `line` reading `input`, whose content is `text`.
using AssemblerCall = std::function<std::vector<std::string>(
    const AssemblerLine &line, const std::string &input, std::string_view text)>;

// Assembles both texts where they have debug information. A text that does not assemble is
// left out: only the check of types depends on it.
TypeObjects make_type_objects(const AssemblerLine &line, const Store::Pairing &pair,
                              const AssemblerCall &call);

// Lines of KPATCH_ACCEPT_LAYOUT in an assembly text.
std::vector<std::string> accepted_layouts(std::string_view text);

} // namespace care::cc
