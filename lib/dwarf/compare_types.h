// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which types of a translation unit mean other data after a fix.
//
// Types are matched by kind of name (struct and class are one), name and scope; anonymous
// ones by the typedef that names them, else as a part of what they are in. Members are
// matched by name. What only looks different is no change: where something is declared,
// a member's new name, int for unsigned or another enum of the same size, a declaration
// instead of a definition, a type that only one side has.
#pragma once

#include <string>
#include <vector>

#include "lib/dwarf/debug_unit.h"

namespace care {

enum class ChangeKind {
  added,     // a member, base class or bit-field
  removed,   //
  moved,     // another offset
  resized,   // another size or bit width
  retyped,   // same size, other meaning
  signature, // a pointer to functions that are called otherwise
  slot,      // a virtual function's place
  value,     // an enumerator
  renamed,   // a note, no reason to refuse
  note,      // same representation under another type: a note too
};
std::string_view change_word(ChangeKind kind);

struct MemberChange {
  ChangeKind kind = ChangeKind::moved;
  std::string member;      // "name", with "old -> new" for a renamed one
  uint64_t old_offset = 0; // bits; slots and values as they are
  uint64_t new_offset = 0;
  uint64_t old_size = 0; // bits
  uint64_t new_size = 0;
  std::string old_type{}, new_type{};
  std::string cause{};  // the changed type that it embeds, when that explains it
  std::string called{}; // of a signature change: signature_text() of the old one
  bool padding = false; // added where the old layout has padding

  bool harmless() const { return kind == ChangeKind::renamed || kind == ChangeKind::note; }
};

struct TypeChange {
  std::string name;                                 // "struct foo"
  TypeId original = kVoidType, patched = kVoidType; // in their units
  uint64_t old_size = 0, new_size = 0;              // bytes
  std::string file;                                 // of the patched side
  unsigned line = 0;
  unsigned old_line = 0;
  std::vector<MemberChange> members; // ascending by new offset

  bool harmless() const;
  // Nothing of its own changed: only what it embeds.
  bool derived() const;
};

// Those with at least one change or note, by name.
std::vector<TypeChange> compare_types(const DebugUnit &original, const DebugUnit &patched);

// How functions are called, with sizes and signs in place of names of simple types: two
// functions with one text can stand for each other.
std::string signature_text(const DebugUnit &unit, const DebugFunction &function);

} // namespace care
