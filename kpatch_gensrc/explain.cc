// SPDX-License-Identifier: GPL-2.0-or-later
//
// Both streams are read side by side once more, now with the text at hand. When the
// texts agree and a symbol makes the difference, what it stands for is shown
// behind it: the reader of `leaq .LC5(%rip)` wants to see the string.
#include "kpatch_gensrc/explain.h"

#include <optional>

#include "kpatch_gensrc/lexer.h"
#include "lib/base/error.h"

namespace care {

namespace {

std::vector<uint32_t> stream_of(const Unit &unit, AtomId id) {
  std::vector<uint32_t> stream;
  for (const StatementRange &range : unit.atoms[id].ranges)
    for (uint32_t i = range.begin; i < range.end; i++)
      if (counts(unit.statements[i].type()))
        stream.push_back(i);
  return stream;
}

std::string on_one_line(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c == '\t' || c == '\n' ? ' ' : c;
  return out;
}

class Explainer {
 public:
  Explainer(const Unit &original, const Unit &patched, Comparison &comparison)
      : original_(original), patched_(patched), comparison_(comparison) {}

  std::optional<FirstDifference> parts(AtomId a, AtomId b, const std::string &part);

 private:
  bool same_statement(AtomId a, uint32_t x, AtomId b, uint32_t y);
  bool same_symbol(AtomId a, SymId x, AtomId b, SymId y);
  DifferingStatement describe(const Unit &unit, const std::vector<uint32_t> &stream,
                              size_t at) const;
  void add_constants(AtomId a, uint32_t x, AtomId b, uint32_t y, FirstDifference &difference);

  const Unit &original_;
  const Unit &patched_;
  Comparison &comparison_;
  int depth_ = 0; // constants that lead to constants
  bool lenient_ = false;
};

bool Explainer::same_symbol(AtomId a, SymId x, AtomId b, SymId y) {
  const Symbol &left = original_.symbol(x);
  const Symbol &right = patched_.symbol(y);
  if (left.atom == a && right.atom == b)
    return lenient_ || left.ordinal == right.ordinal;
  return comparison_.same_reference(x, y);
}

bool Explainer::same_statement(AtomId a, uint32_t x, AtomId b, uint32_t y) {
  std::string_view left = original_.statement_text(original_.statements[x]);
  std::string_view right = patched_.statement_text(patched_.statements[y]);
  StatementKind kind = original_.statements[x].type();
  if (kind != patched_.statements[y].type())
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
    if (!same_symbol(a, original_.names.id(left.substr(s.begin, s.length)), b,
                     patched_.names.id(right.substr(t.begin, t.length))))
      return false;
    done_left = s.begin + s.length;
    done_right = t.begin + t.length;
    s = next_symbol(left, done_left);
    t = next_symbol(right, done_right);
  }
  return s.length == t.length && left.substr(done_left) == right.substr(done_right);
}

DifferingStatement Explainer::describe(const Unit &unit, const std::vector<uint32_t> &stream,
                                       size_t at) const {
  if (at >= stream.size())
    return {};
  const Statement &statement = unit.statements[stream[at]];
  return {on_one_line(unit.statement_text(statement)), source_line(unit, statement.begin)};
}

// Two statements that refer to constants of different content: shows where these part.
void Explainer::add_constants(AtomId a, uint32_t x, AtomId b, uint32_t y,
                              FirstDifference &difference) {
  auto constants = [](const Unit &unit, AtomId self, uint32_t at) {
    std::vector<AtomId> found;
    std::string_view text = unit.statement_text(unit.statements[at]);
    for_each_symbol(text, [&](size_t begin, size_t length) {
      AtomId atom = resolve(unit, unit.names.id(text.substr(begin, length))).atom;
      if (atom != kNone && atom != self && is_local_constant(unit, atom))
        found.push_back(atom);
    });
    return found;
  };
  std::vector<AtomId> left = constants(original_, a, x);
  std::vector<AtomId> right = constants(patched_, b, y);
  if (depth_ > 8 || left.size() != right.size())
    return;
  for (size_t i = 0; i < left.size(); i++) {
    if (comparison_.same(left[i], right[i]))
      continue;
    depth_++;
    std::optional<FirstDifference> inner = parts(left[i], right[i], "");
    depth_--;
    if (!inner)
      continue;
    difference.original.text += fmt::format(" [{}]", inner->original.text);
    difference.patched.text += fmt::format(" [{}]", inner->patched.text);
    return;
  }
}

std::optional<FirstDifference> Explainer::parts(AtomId a, AtomId b, const std::string &part) {
  std::vector<uint32_t> x = a == kNone ? std::vector<uint32_t>() : stream_of(original_, a);
  std::vector<uint32_t> y = b == kNone ? std::vector<uint32_t>() : stream_of(patched_, b);
  // A jump across inserted code differs too, but says little: first look for
  // something else, only then for that.
  size_t at = 0;
  for (bool lenient : {true, false}) {
    lenient_ = lenient;
    for (at = 0; at < x.size() && at < y.size() && same_statement(a, x[at], b, y[at]);)
      at++;
    if (at < x.size() || at < y.size())
      break;
  }
  if (at == x.size() && at == y.size())
    return std::nullopt;
  FirstDifference difference{part, describe(original_, x, at), describe(patched_, y, at)};
  if (at < x.size() && at < y.size())
    add_constants(a, x[at], b, y[at], difference);
  return difference;
}

} // namespace

FirstDifference explain_function(const Unit &original, const Unit &patched, Comparison &comparison,
                                 const ChangedFunction &function) {
  Explainer explainer(original, patched, comparison);
  if (auto found = explainer.parts(function.original, function.patched, "body"))
    return *found;
  if (auto found = explainer.parts(original.atoms[function.original].cold,
                                   patched.atoms[function.patched].cold, "cold part"))
    return *found;
  return {"what its asm statements put into other sections", {}, {}};
}

FirstDifference explain_data(const Unit &original, const Unit &patched, Comparison &comparison,
                             AtomId a, AtomId b) {
  Explainer explainer(original, patched, comparison);
  if (auto found = explainer.parts(a, b, "value"))
    return *found;
  return {"value", {}, {}};
}

std::string one_line(const FirstDifference &difference) {
  auto side = [](const DifferingStatement &statement) {
    return statement.text.empty() ? std::string("(nothing)")
                                  : fmt::format("{} ({})", statement.text, statement.where);
  };
  if (difference.original.text.empty() && difference.patched.text.empty())
    return difference.part;
  return fmt::format("{}: {} -> {}", difference.part, side(difference.original),
                     side(difference.patched));
}

} // namespace care
