// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/match/renamed.h"

#include <map>
#include <set>

namespace care::gensrc {

namespace {

// Data with a name that the source gave it.
bool is_table(const Unit &unit, AtomId id) {
  SectionKind kind = unit.kind(id);
  return (kind == SectionKind::constant || kind == SectionKind::writable) &&
         unit.atoms[id].leader == kNone && unit.atoms[id].name != kNone &&
         !is_local_label(unit.name(id)) && !is_auto_named(unit.name(id));
}

// The table of the same name; kNone when there is none, or it differs in more than names.
AtomId same_table(const Unit &original, const Unit &patched, AtomId b) {
  SymId name = patched.atoms[b].name;
  AtomId a = original.symbol(name).atom;
  if (a == kNone || original.atoms[a].name != name || !is_table(original, a) ||
      original.atoms[a].fingerprint != patched.atoms[b].fingerprint)
    return kNone;
  return a;
}

// The entry of a static function whose name is in this file only; kNone for all else.
AtomId lone_function(const Unit &unit, SymId symbol, bool paired) {
  const Place place = resolve(unit, symbol);
  if (paired || !place.is_start() || place.addend != 0 ||
      unit.kind(place.atom) != SectionKind::code || unit.atoms[place.atom].leader != place.atom ||
      unit.owner(place.atom).exported() || is_auto_named(unit.name(place.atom)))
    return kNone;
  return place.atom;
}

using Claims = std::map<AtomId, std::set<AtomId>>;

void add_claims(const Unit &original, const Unit &patched, const AtomPairs &pairs, AtomId a,
                AtomId b, Claims &of_original, Claims &of_patched) {
  const Atom &before = original.atoms[a], &now = patched.atoms[b];
  for (uint32_t i = 0; i < before.refs_end - before.refs_begin; i++) {
    SymId x = original.refs[before.refs_begin + i], y = patched.refs[now.refs_begin + i];
    AtomId old_atom = resolve(original, x).atom, new_atom = resolve(patched, y).atom;
    AtomId f = lone_function(original, x, old_atom == kNone || pairs.to_patched(old_atom) != kNone);
    AtomId g = lone_function(patched, y, new_atom == kNone || pairs.to_original(new_atom) != kNone);
    of_original[f].insert(g);
    of_patched[g].insert(f);
  }
}

} // namespace

void pair_renamed(const Unit &original, const Unit &patched, AtomPairs &pairs) {
  Claims of_original, of_patched;
  for (AtomId b = 0; b < patched.atoms.size(); b++) {
    AtomId a = is_table(patched, b) ? same_table(original, patched, b) : kNone;
    if (a != kNone && original.atoms[a].refs_end - original.atoms[a].refs_begin ==
                          patched.atoms[b].refs_end - patched.atoms[b].refs_begin)
      add_claims(original, patched, pairs, a, b, of_original, of_patched);
  }
  for (const auto &[f, wanted] : of_original) {
    AtomId g = wanted.size() == 1 ? *wanted.begin() : kNone;
    if (f != kNone && g != kNone && of_patched[g].size() == 1)
      pairs.pair(f, g);
  }
}

} // namespace care::gensrc
