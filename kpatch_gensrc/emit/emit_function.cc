// SPDX-License-Identifier: GPL-2.0-or-later
//
// A function's group is written in the order of its file, so that numeric labels
// and CFI keep their meaning; only the section names change. .loc and .file are
// gone already, .size and .type are written anew.
//
// What asm statements pushed elsewhere goes along as far as the code can refer to
// it: out-of-line code to a later part of .kpatch.text, labelled data to the data
// sections. Notes and linker sets stay as the original filled them.
#include <algorithm>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/emit/emit.h"
#include "kpatch_gensrc/emit/extern_access.h"
#include "kpatch_gensrc/emit/tls_access.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

constexpr std::string_view kText = "\t.section\t.kpatch.text,\"axR\",@progbits\n";
// Behind all that is in the section otherwise.
constexpr std::string_view kFarText =
    "\t.section\t.kpatch.text,\"axR\",@progbits\n\t.subsection\t1\n";
constexpr std::string_view kLsda = "\t.section\t.kpatch.except_table,\"aR\",@progbits\n";
constexpr std::string_view kRelro = "\t.section\t.kpatch.data.rel.ro,\"awR\",@progbits\n";
constexpr std::string_view kRodata = "\t.section\t.kpatch.rodata,\"aR\",@progbits\n";
constexpr std::string_view kData = "\t.section\t.kpatch.data,\"awR\",@progbits\n";

// Is the canonical frame address %rsp plus something? Followed line by line, as
// the assembler does.
class FrameState {
 public:
  bool by_rsp() const { return by_rsp_; }

  void follow(std::string_view directive) {
    std::string_view word = first_word(directive);
    std::string_view arguments = behind_first_word(directive);
    if (word == ".cfi_startproc") {
      by_rsp_ = true;
    } else if (word == ".cfi_endproc") {
      by_rsp_ = false;
    } else if (word == ".cfi_def_cfa" || word == ".cfi_def_cfa_register") {
      std::string_view reg = next_argument(arguments);
      by_rsp_ = reg == "7" || reg == "%rsp" || reg == "rsp";
    } else if (word == ".cfi_escape") {
      // DW_CFA_def_cfa_expression: a realigned stack, found by another register.
      std::string_view code = next_argument(arguments);
      if (code == "0xf" || code == "0x0f")
        by_rsp_ = false;
    } else if (word == ".cfi_remember_state") {
      remembered_.push_back(by_rsp_);
    } else if (word == ".cfi_restore_state" && !remembered_.empty()) {
      by_rsp_ = remembered_.back();
      remembered_.pop_back();
    }
  }

 private:
  bool by_rsp_ = false;
  std::vector<bool> remembered_;
};

struct Piece {
  StatementRange range;
  AtomId atom;
  uint32_t key; // what it is ordered by
};

class FunctionEmitter {
 public:
  FunctionEmitter(const Unit &patched, AtomId leader, Targets &targets, bool is_new)
      : unit_(patched), leader_(leader), targets_(targets), is_new_(is_new),
        tls_(patched, leader, targets) {}
  std::string run();

 private:
  std::vector<Piece> pieces() const;
  bool is_carried(AtomId atom) const;
  std::string_view section_for(AtomId atom) const;
  void enter(AtomId atom);
  void label(AtomId atom, const Statement &statement);
  void own_label(AtomId atom);
  void statement(const Statement &statement);
  void instruction(const Statement &statement);
  void finish(AtomId atom);

  const Unit &unit_;
  AtomId leader_;
  Targets &targets_;
  bool is_new_;
  TlsAccess tls_;
  std::string out_;
  std::string_view section_;
  std::string prefix_; // "lock" on a statement of its own
  FrameState frame_;
};

// Fragments without a label cannot be referred to: tables that only a linker set's
// or a kernel's walker reads.
bool FunctionEmitter::is_carried(AtomId id) const {
  const Atom &atom = unit_.atoms[id];
  SectionKind kind = unit_.kind(id);
  if (kind == SectionKind::note || kind == SectionKind::linker_set || kind == SectionKind::debug)
    return false;
  if (!atom.fragment || kind == SectionKind::code)
    return true;
  for (const StatementRange &range : atom.ranges)
    for (uint32_t i = range.begin; i < range.end; i++) {
      StatementKind type = unit_.statements[i].type();
      if (type == StatementKind::label || type == StatementKind::numeric_label)
        return true;
    }
  return false;
}

// In the order of the file, except that labels which stand far in front of a .cold part
// (.LCOLDB5, in front of the body) are drawn to it.
std::vector<Piece> FunctionEmitter::pieces() const {
  std::vector<Piece> pieces;
  for (AtomId id = leader_; id != kNone; id = unit_.atoms[id].next_in_group) {
    if (!is_carried(id))
      continue;
    const std::vector<StatementRange> &ranges = unit_.atoms[id].ranges;
    uint32_t next_key = 0;
    for (size_t i = ranges.size(); i-- > 0;) {
      auto begin = unit_.statements.begin() + ranges[i].begin;
      auto end = unit_.statements.begin() + ranges[i].end;
      bool stray = i + 1 < ranges.size() && std::all_of(begin, end, [&](const Statement &s) {
                     return s.type() == StatementKind::label && s.value != unit_.atoms[id].name;
                   });
      next_key = stray ? next_key : ranges[i].begin;
      pieces.push_back({ranges[i], id, next_key});
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece &a, const Piece &b) {
    return std::pair(a.key, a.range.begin) < std::pair(b.key, b.range.begin);
  });
  return pieces;
}

std::string_view FunctionEmitter::section_for(AtomId id) const {
  switch (unit_.kind(id)) {
  case SectionKind::code:
    return unit_.atoms[id].fragment ? kFarText : kText;
  case SectionKind::lsda:
    return kLsda;
  case SectionKind::constant:
    return unit_.sections[unit_.atoms[id].section].name.starts_with(".data") ? kRelro : kRodata;
  case SectionKind::writable:
    return kData;
  default:
    throw error(ExitCode::unsupported, "{}: {} inside a function cannot be carried",
                unit_.where(unit_.offset_of(id)), kind_name(unit_.kind(id)));
  }
}

void FunctionEmitter::enter(AtomId id) {
  std::string_view section = section_for(id);
  if (section == section_)
    return;
  section_ = section;
  out_ += section;
}

// The label that opens a function, or a table of it.
void FunctionEmitter::own_label(AtomId id) {
  const Atom &atom = unit_.atoms[id];
  if (unit_.kind(id) != SectionKind::code) {
    out_ += fmt::format("\t.balign\t{}\n{}:\n", atom.alignment, targets_.label(atom.name));
    return;
  }
  std::string name = targets_.emitted_name(id);
  const Symbol &symbol = unit_.symbol(atom.name);
  bool own_name = is_new_ && name == unit_.names.text(atom.name);
  if ((own_name && symbol.exported()) || targets_.is_shared(id))
    out_ += fmt::format("\t.weak\t{}\n\t.hidden\t{}\n", name, name);
  out_ += fmt::format("\t.type\t{}, @function\n{}:\n", name, name);
}

void FunctionEmitter::label(AtomId id, const Statement &statement) {
  SymId name = statement.value;
  if (unit_.atoms[id].name == name)
    own_label(id);
  else
    out_ += targets_.label(name) + ":\n";
}

void FunctionEmitter::instruction(const Statement &statement) {
  std::string_view text = unit_.statement_text(statement);
  if (is_prefix_word(text)) {
    prefix_ += std::string(text) + " ";
    return;
  }
  ValueSlots slots;
  size_t operands = operands_offset(text);
  bool branch = text[0] == 'j' || text.starts_with("call") || text.starts_with("xbegin");
  for_each_symbol(text, [&](size_t begin, size_t length) {
    size_t end = begin + length;
    bool straight = branch && begin == operands;
    SymId symbol = unit_.names.id(text.substr(begin, length));
    if (!straight && !(end < text.size() && text[end] == '@') && targets_.is_foreign(symbol)) {
      std::string name =
          targets_.text_for(resolve(unit_, symbol).symbol, leader_, Use::address, statement.begin);
      slots[name] = name + "@GOTPCREL(%rip)";
    }
  });
  std::string line = prefix_ + rewrite_symbols(unit_, statement, leader_, targets_);
  prefix_.clear();
  if (tls_.replace(line, out_))
    return;
  try {
    line = tls_.rewrite(std::move(line), slots);
    out_ += slots.empty() ? '\t' + line + '\n' : load_values(line, slots, frame_.by_rsp());
  } catch (Error &e) {
    e.add_context(unit_.where(statement.begin)); // counts lines: not for every instruction
    throw;
  }
}

void FunctionEmitter::statement(const Statement &statement) {
  if (tls_.swallow(statement))
    return;
  switch (statement.type()) {
  case StatementKind::instruction:
    instruction(statement);
    break;
  case StatementKind::cfi:
    frame_.follow(unit_.statement_text(statement));
    [[fallthrough]];
  case StatementKind::data:
    out_ += '\t' + rewrite_symbols(unit_, statement, leader_, targets_) + '\n';
    break;
  case StatementKind::numeric_label:
    out_ += std::string(unit_.statement_text(statement)) + '\n';
    break;
  case StatementKind::align:
    out_ += '\t' + std::string(unit_.statement_text(statement)) + '\n';
    break;
  default:
    break;
  }
}

void FunctionEmitter::finish(AtomId id) {
  if (unit_.kind(id) != SectionKind::code || unit_.atoms[id].fragment)
    return;
  std::string name = targets_.emitted_name(id);
  out_ += fmt::format("\t.size\t{}, .-{}\n", name, name);
}

std::string FunctionEmitter::run() {
  std::vector<Piece> all = pieces();
  AtomId code = kNone; // hot or cold part being written
  std::set<AtomId> begun;
  for (size_t i = 0; i < all.size(); i++) {
    const Piece &piece = all[i];
    enter(piece.atom);
    bool is_code = unit_.kind(piece.atom) == SectionKind::code && !unit_.atoms[piece.atom].fragment;
    if (is_code && code != kNone && code != piece.atom)
      throw error(ExitCode::unsupported, "{}: the parts of {} are interwoven",
                  unit_.where(unit_.statements[piece.range.begin].begin), unit_.name(leader_));
    // In front of everything: CFI may begin before the label.
    if (is_code && begun.insert(piece.atom).second)
      out_ += "\t.p2align\t4\n";
    code = is_code ? piece.atom : code;
    for (uint32_t at = piece.range.begin; at < piece.range.end; at++) {
      const Statement &now = unit_.statements[at];
      if (now.type() == StatementKind::label)
        label(piece.atom, now);
      else
        statement(now);
    }
    bool last = std::none_of(all.begin() + static_cast<ptrdiff_t>(i) + 1, all.end(),
                             [&](const Piece &other) { return other.atom == piece.atom; });
    if (last) {
      finish(piece.atom);
      code = is_code ? kNone : code;
    }
  }
  return std::move(out_);
}

} // namespace

std::string rewrite_symbols(const Unit &patched, const Statement &statement, AtomId group,
                            Targets &targets) {
  std::string_view text = patched.statement_text(statement);
  if (statement.type() == StatementKind::cfi && !text.starts_with(".cfi_personality") &&
      !text.starts_with(".cfi_lsda"))
    return std::string(text);
  if (statement.type() == StatementKind::data &&
      (text.starts_with(".string") || text.starts_with(".asci")))
    return std::string(text);
  std::string out;
  size_t done = 0;
  bool branch = statement.type() == StatementKind::instruction &&
                (text[0] == 'j' || text.starts_with("call") || text.starts_with("xbegin"));
  size_t operands = operands_offset(text);
  for_each_symbol(text, [&](size_t begin, size_t length) {
    size_t end = begin + length;
    Use use = end < text.size() && text[end] == '@' ? Use::indirect
              : branch && begin == operands         ? Use::branch
                                                    : Use::address;
    out.append(text, done, begin - done);
    SymId symbol = patched.names.id(text.substr(begin, length));
    out += targets.text_for(symbol, group, use, statement.begin);
    done = end;
  });
  out.append(text, done);
  return out;
}

std::string emit_function(const Unit &patched, AtomId leader, Targets &targets, bool is_new) {
  return FunctionEmitter(patched, leader, targets, is_new).run();
}

} // namespace care::gensrc
