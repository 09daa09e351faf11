// SPDX-License-Identifier: GPL-2.0-or-later
//
// One assembly file, taken apart.
//
// A Unit points into the mapped text and copies none of it. What it holds for
// a statement is 8 bytes: compilers write three hundred thousand of them for
// one large source, and two such files are in memory at a time. Line numbers
// are counted when a message needs one.
//
// An atom is what one symbol owns in one section, or an anonymous constant, or
// what stands in a section without any symbol. A *group* is a function with all
// that goes where it goes: .cold part, jump tables, exception table, and the
// pieces its asm statements pushed to other sections. Its leader is the atom of
// the function's entry.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kpatch_gensrc/asm/names.h"
#include "kpatch_gensrc/asm/sections.h"

namespace care::gensrc {

using AtomId = uint32_t;

enum class StatementKind : uint8_t {
  label,         // value: SymId
  numeric_label, // `1:`, part of the stream
  instruction,
  data,
  cfi,
  align,
  section, // value: index of the section that follows statements are in
  end,     // .size NAME of a function; value: SymId
  common,  // .comm NAME, SIZE, ALIGN; value: SymId
};

struct Statement {
  uint32_t begin;      // offset in the text
  uint32_t kind : 4;   // StatementKind
  uint32_t value : 28; // length, or what the kind says

  StatementKind type() const { return static_cast<StatementKind>(kind); }
};
static_assert(sizeof(Statement) == 8);

// Part of the compared stream? The others only lay it out.
inline bool counts(StatementKind kind) {
  return kind == StatementKind::numeric_label || kind == StatementKind::instruction ||
         kind == StatementKind::data || kind == StatementKind::cfi || kind == StatementKind::common;
}

enum class SymbolType : uint8_t { none, function, object, tls, ifunc };

struct Symbol {
  AtomId atom = kNone;    // where it is defined, kNone when it is not
  uint32_t ordinal = 0;   // statements of the atom in front of it; 0 is its start
  uint32_t alias = kNone; // index in Unit::aliases
  SymbolType type = SymbolType::none;
  bool global = false;
  bool weak = false;
  bool hidden = false; // or internal or protected: surely of this module
  bool local_common = false;
  bool lsda = false; // operand of a .cfi_lsda
  bool weakref = false;
  bool versioned = false; // .symver
  bool exported() const { return global || weak; }
};

// `.set NAME, TARGET + ADDEND`. Target is kNone when it is any other expression.
struct Alias {
  SymId name = kNone;
  SymId target = kNone;
  int64_t addend = 0;
  uint32_t begin = 0; // of the statement
};

struct StatementRange {
  uint32_t begin;
  uint32_t end;
};

// Two hashes of the same stream, taken from different starting states.
struct Fingerprint {
  uint64_t first = 0;
  uint64_t second = 0;
  auto operator<=>(const Fingerprint &) const = default;
};

struct Atom {
  SymId name = kNone; // kNone for what has no symbol
  uint32_t section = 0;
  AtomId leader = kNone;        // of the function group it belongs to; itself for a function
  AtomId cold = kNone;          // of a leader: its .cold part
  AtomId next_in_group = kNone; // from the leader on, in any order
  uint32_t alignment = 1;       // bytes; at least what it needs
  uint32_t sure_alignment = 1;  // bytes; at most what it has
  uint32_t statements = 0;      // those that count
  uint32_t refs_begin = 0;      // range in Unit::refs
  uint32_t refs_end = 0;
  bool fragment = false;     // pushed by an asm statement of its leader
  bool finished = false;     // its .size was seen
  bool in_procedure = false; // between .cfi_startproc and .cfi_endproc
  bool had_procedure = false;
  std::vector<StatementRange> ranges;
  Fingerprint fingerprint; // refs left out
};

struct Unit {
  Unit(std::string path_, std::string_view text_, Names &names_)
      : path(std::move(path_)), text(text_), names(names_) {}

  std::string path;
  std::string_view text;
  Names &names;
  std::string_view source; // operand of .file, without quotes
  std::vector<Section> sections;
  std::vector<Statement> statements;
  std::vector<Symbol> symbols; // by SymId; shorter than names.size()
  std::vector<Alias> aliases;
  std::vector<Atom> atoms;
  // Symbols the atoms refer to, in order; labels of the atom itself left out.
  std::vector<SymId> refs;

  Symbol &symbol(SymId id) {
    if (id >= symbols.size())
      symbols.resize(id + 1);
    return symbols[id];
  }
  const Symbol &symbol(SymId id) const {
    static const Symbol kUnknown;
    return id < symbols.size() ? symbols[id] : kUnknown;
  }
  std::string_view name(AtomId atom) const {
    return atoms[atom].name == kNone ? std::string_view() : names.text(atoms[atom].name);
  }
  // Of its section; but gcc keeps what an automatic array starts from among the variables,
  // under a name of its constants, when there are addresses in it.
  SectionKind kind(AtomId atom) const {
    SectionKind kind = sections[atoms[atom].section].kind;
    bool pooled = kind == SectionKind::writable && name(atom).starts_with(".LC");
    return pooled ? SectionKind::constant : kind;
  }
  const Symbol &owner(AtomId atom) const { return symbol(atoms[atom].name); }
  // The text of a statement that holds its length, or of the whole line otherwise.
  std::string_view statement_text(const Statement &statement) const;
  // Several files of one link (join.h)?
  bool joined() const;
  // The text from the beginning of the file that `offset` lies in: the whole text, but
  // where several files were joined (join.h) from the mark of one on.
  std::string_view part_of(uint32_t offset) const;
  // 1-based line of an offset in its file.
  size_t line_of(uint32_t offset) const;
  // "source.c, assembly line 12"; "path:12" for assembly that names no source.
  std::string where(uint32_t offset) const;
  // Offset of an atom's first statement; of its label when it has none.
  uint32_t offset_of(AtomId atom) const;
};

// Where a symbol leads to, aliases followed.
struct Place {
  SymId symbol = kNone; // the last name on the way
  AtomId atom = kNone;  // kNone: not defined in this file
  uint32_t ordinal = 0;
  int64_t addend = 0;
  bool is_start() const { return atom != kNone && ordinal == 0; }
};

// Follows aliases that cannot be replaced from outside (locals and .L labels).
// Throws Error for an alias of an expression that is more than symbol + number.
Place resolve(const Unit &unit, SymId symbol);

} // namespace care::gensrc
