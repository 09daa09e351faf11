// SPDX-License-Identifier: GPL-2.0-or-later
//
// The text between the symbols must be the same, and each symbol must mean the same.
#include "kpatch_gensrc/match/same_statement.h"

#include "kpatch_gensrc/asm/lexer.h"

namespace care::gensrc {

namespace {

struct Sides {
  const Unit &original;
  const Unit &patched;
  Comparison &comparison;
  AtomId a;
  AtomId b;
  Jumps jumps;
};

bool same_symbol(const Sides &sides, SymId x, SymId y) {
  const Symbol &left = sides.original.symbol(x);
  const Symbol &right = sides.patched.symbol(y);
  if (left.atom == sides.a && right.atom == sides.b)
    return sides.jumps == Jumps::loose || left.ordinal == right.ordinal;
  return sides.comparison.same_reference(x, y);
}

} // namespace

bool same_statement(const Unit &original, const Unit &patched, Comparison &comparison, AtomId a,
                    uint32_t x, AtomId b, uint32_t y, Jumps jumps) {
  Sides sides{original, patched, comparison, a, b, jumps};
  std::string_view left = original.statement_text(original.statements[x]);
  std::string_view right = patched.statement_text(patched.statements[y]);
  StatementKind kind = original.statements[x].type();
  if (kind != patched.statements[y].type())
    return false;
  if (kind == StatementKind::cfi && !left.starts_with(".cfi_lsda") &&
      !left.starts_with(".cfi_pers"))
    return left == right;
  SymbolSpan s = next_symbol(left, operands_offset(left));
  SymbolSpan t = next_symbol(right, operands_offset(right));
  size_t done_left = 0;
  size_t done_right = 0;
  while (s.length != 0 && t.length != 0) {
    if (left.substr(done_left, s.begin - done_left) !=
        right.substr(done_right, t.begin - done_right))
      return false;
    if (!same_symbol(sides, original.names.id(left.substr(s.begin, s.length)),
                     patched.names.id(right.substr(t.begin, t.length))))
      return false;
    done_left = s.begin + s.length;
    done_right = t.begin + t.length;
    s = next_symbol(left, done_left);
    t = next_symbol(right, done_right);
  }
  return s.length == t.length && left.substr(done_left) == right.substr(done_right);
}

std::vector<uint32_t> stream_of(const Unit &unit, AtomId id) {
  std::vector<uint32_t> stream;
  for (const StatementRange &range : unit.atoms[id].ranges)
    for (uint32_t i = range.begin; i < range.end; i++)
      if (counts(unit.statements[i].type()))
        stream.push_back(i);
  return stream;
}

} // namespace care::gensrc
