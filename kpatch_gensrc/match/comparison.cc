// SPDX-License-Identifier: GPL-2.0-or-later
//
// Comparison may run in circles (a constant that points to itself, a function
// that calls itself): a pair that is being compared is assumed equal. When it
// turns out to differ, everything concluded since is forgotten.
#include "kpatch_gensrc/match/comparison.h"

namespace care::gensrc {

bool is_local_constant(const Unit &unit, AtomId atom) {
  SectionKind kind = unit.kind(atom);
  if (kind != SectionKind::constant && kind != SectionKind::lsda)
    return false;
  return unit.atoms[atom].name != kNone && !unit.owner(atom).exported();
}

Fragments fragments_of(const Unit &unit) {
  Fragments fragments;
  for (AtomId id = 0; id < unit.atoms.size(); id++)
    if (unit.atoms[id].fragment)
      fragments[unit.atoms[id].leader].push_back(id);
  return fragments;
}

Comparison::Comparison(const Unit &original, const Unit &patched, const AtomPairs &pairs)
    : original_(original), patched_(patched), pairs_(pairs),
      original_fragments_(fragments_of(original)), patched_fragments_(fragments_of(patched)) {}

// Labels there are known by name or content only.
static bool is_never_paired(SectionKind kind) {
  return kind == SectionKind::note || kind == SectionKind::debug ||
         kind == SectionKind::constructors || kind == SectionKind::lsda;
}

bool Comparison::same_leader(AtomId a, AtomId b) const {
  return pairs_.to_patched(a) == b || (a == assumed_a_ && b == assumed_b_);
}

bool Comparison::same_reference(SymId a, SymId b) {
  Place x = resolve(original_, a);
  Place y = resolve(patched_, b);
  if (x.addend != y.addend)
    return false;
  if (x.atom == kNone || y.atom == kNone)
    return x.atom == y.atom && x.symbol == y.symbol;
  if (x.ordinal != y.ordinal)
    return false;
  bool code = original_.kind(x.atom) == SectionKind::code;
  if (code != (patched_.kind(y.atom) == SectionKind::code))
    return false;
  AtomId leader_x = original_.atoms[x.atom].leader;
  AtomId leader_y = patched_.atoms[y.atom].leader;
  if ((leader_x == kNone) != (leader_y == kNone))
    return false;
  if (leader_x != kNone) {
    if (!same_leader(leader_x, leader_y) || (x.atom == leader_x) != (y.atom == leader_y))
      return false;
    return code || same(x.atom, y.atom);
  }
  if (code)
    return x.symbol == y.symbol; // a label outside of every function
  if (is_local_constant(original_, x.atom) && is_local_constant(patched_, y.atom))
    return same(x.atom, y.atom);
  if (is_never_paired(original_.kind(x.atom)) && is_never_paired(patched_.kind(y.atom)))
    return (x.symbol == y.symbol && !is_local_label(original_.names.text(x.symbol))) ||
           same(x.atom, y.atom);
  return pairs_.to_patched(x.atom) == y.atom;
}

bool Comparison::same_refs(const Atom &a, const Atom &b) {
  for (uint32_t i = 0; i < a.refs_end - a.refs_begin; i++)
    if (!same_reference(original_.refs[a.refs_begin + i], patched_.refs[b.refs_begin + i]))
      return false;
  return true;
}

bool Comparison::same(AtomId a, AtomId b) {
  const Atom &left = original_.atoms[a];
  const Atom &right = patched_.atoms[b];
  if (left.fingerprint != right.fingerprint ||
      left.refs_end - left.refs_begin != right.refs_end - right.refs_begin)
    return false;
  if (left.refs_begin == left.refs_end)
    return true;
  uint64_t key = uint64_t(a) << 32 | b;
  auto [found, added] = known_.try_emplace(key, true);
  if (!added)
    return found->second;
  size_t mark = trail_.size();
  trail_.push_back(key);
  bool equal = same_refs(left, right);
  if (!equal) {
    for (size_t i = mark; i < trail_.size(); i++)
      known_.erase(trail_[i]);
    trail_.resize(mark);
    known_[key] = false;
  }
  return equal;
}

bool Comparison::same_fragments(AtomId a, AtomId b) {
  static const std::vector<AtomId> kNothing;
  auto left = original_fragments_.find(a);
  auto right = patched_fragments_.find(b);
  const std::vector<AtomId> &x = left == original_fragments_.end() ? kNothing : left->second;
  const std::vector<AtomId> &y = right == patched_fragments_.end() ? kNothing : right->second;
  if (x.size() != y.size())
    return false;
  for (size_t i = 0; i < x.size(); i++)
    if (original_.sections[original_.atoms[x[i]].section].name !=
            patched_.sections[patched_.atoms[y[i]].section].name ||
        !same(x[i], y[i]))
      return false;
  return true;
}

bool Comparison::same_function(AtomId a, AtomId b) {
  assumed_a_ = a;
  assumed_b_ = b;
  AtomId cold_a = original_.atoms[a].cold;
  AtomId cold_b = patched_.atoms[b].cold;
  bool equal = (cold_a == kNone) == (cold_b == kNone) && same(a, b) &&
               (cold_a == kNone || same(cold_a, cold_b)) && same_fragments(a, b);
  bool assumed = pairs_.to_patched(a) != b;
  assumed_a_ = assumed_b_ = kNone;
  if (assumed)
    forget(); // conclusions rested on a pair that is none yet
  return equal;
}

} // namespace care::gensrc
