// SPDX-License-Identifier: GPL-2.0-or-later
//
// Both streams are read side by side once more, now with the text at hand. When the
// texts agree and a symbol makes the difference, what it stands for is shown
// behind it: the reader of `leaq .LC5(%rip)` wants to see the string.
#include "kpatch_gensrc/match/explain.h"

#include <optional>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/match/same_statement.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

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
  DifferingStatement describe(const Unit &unit, const std::vector<uint32_t> &stream,
                              size_t at) const;
  void add_constants(AtomId a, uint32_t x, AtomId b, uint32_t y, FirstDifference &difference);

  const Unit &original_;
  const Unit &patched_;
  Comparison &comparison_;
  int depth_ = 0; // constants that lead to constants
};

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
  for (Jumps jumps : {Jumps::loose, Jumps::exact}) {
    auto same = [&] {
      return same_statement(original_, patched_, comparison_, a, x[at], b, y[at], jumps);
    };
    for (at = 0; at < x.size() && at < y.size() && same();)
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

} // namespace care::gensrc
