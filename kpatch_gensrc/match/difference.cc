// SPDX-License-Identifier: GPL-2.0-or-later
//
// A new local variable or constant is listed only if code that is emitted
// refers to it; whether that is so is known while emitting. Listed here are
// new exported ones, which code elsewhere may use; but the table of shadow variables
// stands in every file that includes kpatch.h, and belongs to those that use it.
#include "kpatch_gensrc/match/difference.h"

#include "kpatch_gensrc/match/fix_marks.h"

namespace care::gensrc {

namespace {

bool is_function(const Unit &unit, AtomId id) {
  return unit.atoms[id].leader == id && unit.kind(id) == SectionKind::code;
}

bool is_named_data(const Unit &unit, AtomId id) {
  SectionKind kind = unit.kind(id);
  return unit.atoms[id].name != kNone && unit.atoms[id].leader == kNone &&
         (kind == SectionKind::writable || kind == SectionKind::bss ||
          kind == SectionKind::constant || kind == SectionKind::linker_set ||
          kind == SectionKind::tls);
}

// Of something that has an address: no IFUNC, and no other name for what is elsewhere.
bool is_new_alias(const Unit &original, const Unit &patched, const Alias &alias) {
  const Symbol &before = original.symbol(alias.name);
  const Symbol &now = patched.symbol(alias.name);
  return now.exported() && !now.weakref && now.type != SymbolType::ifunc && before.alias == kNone &&
         before.atom == kNone && alias.target != kNone &&
         resolve(patched, alias.target).atom != kNone;
}

} // namespace

Difference find_difference(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                           Comparison &comparison, const std::set<AtomId> &forced) {
  Difference difference;
  for (AtomId b = 0; b < patched.atoms.size(); b++) {
    AtomId a = pairs.to_original(b);
    if (is_function(patched, b)) {
      if (a == kNone)
        difference.added_functions.push_back(b);
      else if (forced.count(b) || !comparison.same_function(a, b))
        difference.changed.push_back({a, b});
    } else if (is_named_data(patched, b) && a == kNone && patched.owner(b).exported() &&
               !is_shadow_table(patched.name(b))) {
      difference.added_data.push_back(b);
    }
  }
  for (AtomId a = 0; a < original.atoms.size(); a++) {
    if (pairs.to_patched(a) != kNone)
      continue;
    if (is_function(original, a))
      difference.removed_functions.push_back(a);
    else if (is_named_data(original, a) && !is_local_constant(original, a))
      difference.removed_data.push_back(a);
  }
  for (uint32_t i = 0; i < patched.aliases.size(); i++)
    if (is_new_alias(original, patched, patched.aliases[i]))
      difference.added_aliases.push_back(i);
  return difference;
}

} // namespace care::gensrc
