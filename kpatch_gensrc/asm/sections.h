// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a section is for, judged by its name and its flags, as far as comparing
// two versions of a file needs to know.
#pragma once

#include <cstdint>
#include <string_view>

namespace care::gensrc {

enum class SectionKind : uint8_t {
  code,
  writable,     // .data and alike
  bss,          // zeroed and writable
  constant,     // .rodata, and .data.rel.ro which only relocation writes
  tls,          // .tdata, .tbss
  lsda,         // .gcc_except_table: what the C++ unwinder reads
  constructors, // .init_array and its elder relatives
  linker_set,   // a C identifier as name: the program walks it by __start_NAME
  mark,         // .kpatch_mark.KIND: what kpatch.h says to us
  note,         // loaded notes, and what is not loaded: no part of the program
  debug,        // skipped without a look
};

struct Section {
  std::string_view name;
  std::string_view flags; // "aMS", empty when never given
  SectionKind kind = SectionKind::note;
  uint32_t entity_size = 0; // of mergeable constants, else 0
  bool comdat = false;
};

// `arguments` is what stands behind .section: NAME[, "FLAGS"[, @TYPE[, ...]]].
Section describe_section(std::string_view arguments);

// Name of the kind, for messages.
std::string_view kind_name(SectionKind kind);

} // namespace care::gensrc
