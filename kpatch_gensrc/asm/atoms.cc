// SPDX-License-Identifier: GPL-2.0-or-later
//
// One pass over the statements gives each that counts to an atom. Rules, by
// the section it stands in:
//
//   code   A named label opens a function, unless an open function (.type says
//          so, its .size has not come) just has it inside. The function stays
//          open while other sections are visited: gcc writes a jump table or the
//          .cold part in the middle. .L labels are places inside it.
//   data   Every label opens an atom, which ends where the section is left.
//   LSDA   Only what a .cfi_lsda names opens an atom, the rest is inside it.
//
// What stands in a section without a label of its own was pushed there by an asm
// statement of the function that was left (a fragment), or belongs to nobody,
// and then to one atom per section.
//
// .cfi_startproc may precede the label (gcc's .cold), as may .LCOLDB5, to which the
// exception table of a .cold part is relative; and clang writes .size before
// .cfi_endproc. All are taken care of.
#include "kpatch_gensrc/asm/atoms.h"

#include <bit>
#include <charconv>

#include "kpatch_gensrc/asm/fingerprint.h"
#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

uint32_t alignment_of(std::string_view statement) {
  std::string_view word = first_word(statement);
  std::string_view arguments = behind_first_word(statement);
  std::string_view first = next_argument(arguments);
  uint32_t value = 1;
  std::from_chars(first.data(), first.data() + first.size(), value);
  if (word == ".p2align")
    return value < 31 ? 1u << value : 1;
  return std::has_single_bit(value) ? value : 1;
}

class Builder {
 public:
  explicit Builder(Unit &unit) : unit_(unit), states_(unit.sections.size()) {}
  void run();

 private:
  // What is going on in one section.
  struct State {
    AtomId open = kNone;
    AtomId loose = kNone;
    uint32_t alignment = 1;        // largest since the section was entered
    uint32_t last_alignment = 1;   // largest since the last content
    std::vector<uint32_t> pending; // statements in front of the next label
  };

  State &state() { return states_[section_]; }
  SectionKind kind() const { return unit_.sections[section_].kind; }
  AtomId new_atom(SymId name);
  void append(AtomId atom, uint32_t index);
  void enter(uint32_t section);
  void label(uint32_t index);
  bool opens(SymId name) const;
  void open(SymId name, uint32_t index);
  void take_pending(AtomId id);
  void content(uint32_t index);
  void align(uint32_t index);
  void cfi(uint32_t index);
  void end(SymId name);
  void common(uint32_t index);
  void close_if_over(AtomId atom);
  AtomId nameless();

  Unit &unit_;
  std::vector<State> states_;
  uint32_t section_ = 0;
  AtomId function_ = kNone; // the one whose code was left last
  AtomId fragment_ = kNone; // of the visit to the present section
};

void Builder::run() {
  for (uint32_t i = 0; i < unit_.statements.size(); i++) {
    const Statement &statement = unit_.statements[i];
    switch (statement.type()) {
    case StatementKind::label:
      label(i);
      break;
    case StatementKind::section:
      enter(statement.value);
      break;
    case StatementKind::align:
      align(i);
      break;
    case StatementKind::cfi:
      cfi(i);
      break;
    case StatementKind::end:
      end(statement.value);
      break;
    case StatementKind::common:
      common(i);
      break;
    default:
      content(i);
    }
  }
}

AtomId Builder::new_atom(SymId name) {
  AtomId id = static_cast<AtomId>(unit_.atoms.size());
  Atom atom;
  atom.name = name;
  atom.section = section_;
  unit_.atoms.push_back(std::move(atom));
  return id;
}

void Builder::append(AtomId id, uint32_t index) {
  Atom &atom = unit_.atoms[id];
  if (!atom.ranges.empty() && atom.ranges.back().end == index)
    atom.ranges.back().end++;
  else
    atom.ranges.push_back({index, index + 1});
  atom.statements += counts(unit_.statements[index].type());
}

void Builder::enter(uint32_t section) {
  if (kind() == SectionKind::code && state().open != kNone)
    function_ = state().open;
  section_ = section;
  fragment_ = kNone;
  if (kind() != SectionKind::code) {
    state().open = kNone;
    state().alignment = state().last_alignment = 1;
  }
}

bool Builder::opens(SymId name) const {
  const State &now = states_[section_];
  const Symbol &symbol = unit_.symbol(name);
  if (kind() == SectionKind::lsda)
    return symbol.lsda;
  if (kind() != SectionKind::code)
    return true;
  if (is_local_label(unit_.names.text(name)))
    return false;
  if (now.open == kNone || symbol.type == SymbolType::function || symbol.type == SymbolType::ifunc)
    return true;
  // Untyped: inside an open function, or hand-written code without .type.
  return unit_.owner(now.open).type == SymbolType::none;
}

void Builder::open(SymId name, uint32_t index) {
  State &now = state();
  AtomId id = new_atom(name);
  Atom &atom = unit_.atoms[id];
  if (kind() == SectionKind::code) {
    atom.leader = id;
    function_ = id;
  }
  // Mergeable constants are aligned to their size without a word.
  atom.alignment = std::max(now.alignment, unit_.sections[section_].entity_size);
  atom.sure_alignment = std::max(now.last_alignment, unit_.sections[section_].entity_size);
  now.open = id;
  fragment_ = kNone;
  take_pending(id);
  append(id, index);
}

// What was met in front of the atom's first statement.
void Builder::take_pending(AtomId id) {
  Atom &atom = unit_.atoms[id];
  for (uint32_t pending : state().pending) {
    const Statement &statement = unit_.statements[pending];
    if (statement.type() == StatementKind::label)
      unit_.symbol(statement.value).atom = id; // its start
    else
      atom.had_procedure = atom.in_procedure = true;
    append(id, pending);
  }
  state().pending.clear();
}

void Builder::label(uint32_t index) {
  SymId name = unit_.statements[index].value;
  Symbol &symbol = unit_.symbol(name);
  if (symbol.atom != kNone)
    throw error(ExitCode::bad_input, "{}: {} is defined a second time",
                unit_.where(unit_.statements[index].begin), unit_.names.text(name));
  AtomId now = state().open;
  // A second label of the same data: one atom, named after the better of the two.
  bool twin = now != kNone && kind() != SectionKind::code && unit_.atoms[now].statements == 0;
  if (twin) {
    if (unit_.atoms[now].name == kNone || is_local_label(unit_.name(now)))
      unit_.atoms[now].name = name;
    append(now, index);
  } else if (opens(name)) {
    open(name, index);
    now = state().open;
    symbol.atom = now;
    return;
  } else if (now == kNone && kind() == SectionKind::code && fragment_ == kNone) {
    state().pending.push_back(index);
    return;
  } else {
    if (now == kNone)
      now = nameless();
    append(now, index);
  }
  symbol.atom = now;
  symbol.ordinal = unit_.atoms[now].statements;
}

// The atom for content that no label of its own stands before.
AtomId Builder::nameless() {
  if (fragment_ != kNone)
    return fragment_;
  bool pushed = function_ != kNone && !unit_.atoms[function_].finished &&
                unit_.atoms[function_].section != section_;
  if (pushed) {
    fragment_ = new_atom(kNone);
    unit_.atoms[fragment_].leader = function_;
    unit_.atoms[fragment_].fragment = true;
    return fragment_;
  }
  if (state().loose == kNone) {
    AtomId loose = new_atom(kNone);
    state().loose = loose;
  }
  return state().loose;
}

void Builder::content(uint32_t index) {
  AtomId now = state().open;
  if (now == kNone) {
    now = nameless();
    take_pending(now);
  }
  append(now, index);
  state().last_alignment = 1;
}

void Builder::align(uint32_t index) {
  AtomId now = state().open;
  if (kind() == SectionKind::code) {
    if (now != kNone)
      append(now, index);
    return;
  }
  std::string_view text = unit_.statement_text(unit_.statements[index]);
  uint32_t alignment = alignment_of(text);
  state().alignment = std::max(state().alignment, alignment);
  state().last_alignment = std::max(state().last_alignment, alignment);
  if (fragment_ != kNone)
    append(fragment_, index);
}

void Builder::cfi(uint32_t index) {
  std::string_view word = first_word(unit_.statement_text(unit_.statements[index]));
  AtomId now = state().open;
  if (word == ".cfi_startproc") {
    if (now == kNone || unit_.atoms[now].had_procedure) {
      state().pending.push_back(index);
      return;
    }
    unit_.atoms[now].had_procedure = unit_.atoms[now].in_procedure = true;
  }
  // .cfi_personality and .cfi_lsda of a .cold part stand in front of its label too.
  if (!state().pending.empty()) {
    state().pending.push_back(index);
    return;
  }
  content(index);
  if (word == ".cfi_endproc" && now != kNone) {
    unit_.atoms[now].in_procedure = false;
    close_if_over(now);
  }
}

void Builder::end(SymId name) {
  AtomId atom = unit_.symbol(name).atom;
  if (atom == kNone || unit_.kind(atom) != SectionKind::code || unit_.atoms[atom].name != name)
    return;
  unit_.atoms[atom].finished = true;
  close_if_over(atom);
}

void Builder::close_if_over(AtomId id) {
  const Atom &atom = unit_.atoms[id];
  if (atom.finished && !atom.in_procedure && states_[atom.section].open == id)
    states_[atom.section].open = kNone;
}

void Builder::common(uint32_t index) {
  SymId name = unit_.statements[index].value;
  uint32_t here = section_;
  // .comm is no part of the present section: it gets one of its own.
  uint32_t common_section = kNone;
  for (uint32_t i = 0; i < unit_.sections.size() && common_section == kNone; i++)
    if (unit_.sections[i].name == "COMMON")
      common_section = i;
  if (common_section == kNone) {
    common_section = static_cast<uint32_t>(unit_.sections.size());
    unit_.sections.push_back({"COMMON", "aw", SectionKind::bss, 0, false});
    states_.emplace_back();
  }
  section_ = common_section;
  AtomId &atom = unit_.symbol(name).atom;
  if (atom == kNone) // the assembler takes a second .comm of one name
    atom = new_atom(name);
  else if (unit_.atoms[atom].section != common_section)
    throw error(ExitCode::bad_input, "{}: {} is defined a second time",
                unit_.where(unit_.statements[index].begin), unit_.names.text(name));
  append(atom, index);
  section_ = here;
}

// ---- groups ---------------------------------------------------------------

void join_cold_parts(Unit &unit) {
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    Atom &atom = unit.atoms[id];
    if (atom.leader != id)
      continue;
    std::string_view hot = hot_name(unit.name(id));
    SymId name = hot.empty() ? kNone : unit.names.find(hot);
    AtomId leader = name == kNone ? kNone : unit.symbol(name).atom;
    if (leader == kNone || unit.atoms[leader].leader != leader)
      continue;
    atom.leader = leader;
    unit.atoms[leader].cold = id;
  }
}

// Data that holds places inside a function, jump tables above all, goes with it.
// So does its exception table.
void join_tables(Unit &unit) {
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    Atom &atom = unit.atoms[id];
    if (atom.leader != kNone || unit.kind(id) == SectionKind::note ||
        unit.kind(id) == SectionKind::code)
      continue;
    for (uint32_t ref = atom.refs_begin; ref < atom.refs_end && atom.leader == kNone; ref++) {
      const Symbol &symbol = unit.symbol(unit.refs[ref]);
      if (symbol.atom != kNone && symbol.ordinal != 0 && !symbol.exported() &&
          unit.kind(symbol.atom) == SectionKind::code)
        atom.leader = unit.atoms[symbol.atom].leader;
    }
  }
  for (AtomId id = 0; id < unit.atoms.size(); id++)
    for (uint32_t ref = unit.atoms[id].refs_begin; ref < unit.atoms[id].refs_end; ref++) {
      const Symbol &symbol = unit.symbol(unit.refs[ref]);
      if (symbol.lsda && symbol.atom != kNone && unit.kind(id) == SectionKind::code)
        unit.atoms[symbol.atom].leader = unit.atoms[id].leader;
    }
  // Fragments of a .cold part belong to the whole.
  for (Atom &atom : unit.atoms)
    if (atom.leader != kNone)
      atom.leader = unit.atoms[atom.leader].leader;
}

void chain_groups(Unit &unit) {
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    AtomId leader = unit.atoms[id].leader;
    if (leader == kNone || leader == id)
      continue;
    unit.atoms[id].next_in_group = unit.atoms[leader].next_in_group;
    unit.atoms[leader].next_in_group = id;
  }
}

} // namespace

void make_atoms(Unit &unit) {
  Builder(unit).run();
  join_cold_parts(unit);
  fingerprint_atoms(unit);
  join_tables(unit);
  chain_groups(unit);
}

} // namespace care::gensrc
