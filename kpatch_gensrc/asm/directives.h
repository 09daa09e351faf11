// SPDX-License-Identifier: GPL-2.0-or-later
//
// What each assembler directive is to us. The parser switches on this; a
// directive that is not listed is refused by name rather than guessed at.
#pragma once

#include <cstdint>
#include <string_view>

namespace care::gensrc {

enum class Directive : uint8_t {
  unknown,
  ignored, // no code, no data, no symbol: .ident, .loc, .file N
  file,
  data,
  cfi,
  cfi_sections, // for the whole file; the original's counts
  align,
  global,
  weak,
  hidden, // .internal and .protected as well
  local,
  type,
  size,
  common,
  local_common, // .lcomm
  set,
  weakref,
  symver,
  section,
  named_section, // .text, .data, .bss
  push_section,
  pop_section,
  previous,
  subsection,
  if_defined,     // .ifdef
  if_not_defined, // .ifndef, .ifnotdef
  else_branch,
  end_if,
  macro,
  purge_macro,
  end,
  unsupported, // macros, conditionals, inclusion, other syntaxes
};

Directive directive_of(std::string_view word);

} // namespace care::gensrc
