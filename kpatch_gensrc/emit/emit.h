// SPDX-License-Identifier: GPL-2.0-or-later
//
// The text that is appended to the original file.
#pragma once

#include <string>
#include <vector>

#include "kpatch_gensrc/emit/symbol_text.h"
#include "kpatch_gensrc/match/fix_marks.h"

namespace care::gensrc {

// What a record of .kpatch.info is about; the numbers are those of the section
// (RecordKind of lib/patchfile/format.h).
enum class RecordKind {
  changed_function = 1,
  new_function = 2,
  new_data = 3,
  new_tls = 4, // thread-local variable
};

// One record of .kpatch.info (docs/patch-format.rst). Empty: 0.
struct ReplacementRecord {
  std::string original;
  std::string replacement;
  std::string original_cold;
  std::string replacement_cold;
  std::string name;
  std::string reason;
  RecordKind kind = RecordKind::changed_function;
  // New, and no other file of the link may define this name. It is emitted weak: where
  // one does, the link goes on and kpatch_tool says which.
  bool only_definition = false;
  bool shared = false; // Targets::is_shared()
};

// A function and all that belongs to its group. `leader` is an atom of the
// patched file. The .weakref and data it needs are asked of `targets`.
std::string emit_function(const Unit &patched, AtomId leader, Targets &targets, bool is_new);

// New data, in the section that fits it.
std::string emit_data(const Unit &patched, AtomId atom, Targets &targets);

// The records, the marks, and the strings of both.
std::string emit_info(const std::vector<ReplacementRecord> &records,
                      const std::vector<EmittedMark> &marks, std::string_view source);

// Where the operands of `text` name symbols, what new code has to write there.
// `group` is the leader of the function being emitted, kNone for data.
std::string rewrite_symbols(const Unit &patched, const Statement &statement, AtomId group,
                            Targets &targets);

} // namespace care::gensrc
