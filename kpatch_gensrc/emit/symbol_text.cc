// SPDX-License-Identifier: GPL-2.0-or-later
//
// See symbol_text.h for the rules. A symbol that the original already reaches directly
// is not foreign: the link has put it, or the copy the executable has of it, where
// such an access arrives.
#include "kpatch_gensrc/emit/symbol_text.h"

#include <algorithm>

#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

Targets::Targets(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                 Comparison &comparison, const Difference &difference, size_t known_names)
    : original_(original), patched_(patched), pairs_(pairs), comparison_(comparison),
      known_names_(known_names), suffix_(".kpatch") {
  for (const ChangedFunction &function : difference.changed)
    changed_.insert(function.patched);
  auto taken = [&](const std::string &suffix) {
    for (SymId id = 0; id < patched_.names.size(); id++)
      if (patched_.names.text(id).ends_with(suffix))
        return true;
    return false;
  };
  for (int number = 1; taken(suffix_); number++)
    suffix_ = fmt::format(".kpatch{}", number);
}

std::string Targets::label(SymId symbol) const {
  return with_suffix(patched_.names.text(symbol), suffix_);
}

std::string Targets::own_or_suffixed(SymId name) const {
  std::string_view text = patched_.names.text(name);
  // A .L name would not survive into the object's symbol table; fine for constants.
  return name < known_names_ ? with_suffix(text, suffix_) : std::string(text);
}

bool Targets::is_shared(AtomId atom) const {
  const Atom &found = patched_.atoms[atom];
  if (found.name == kNone || !patched_.owner(atom).weak ||
      !patched_.sections[found.section].comdat || patched_.kind(atom) == SectionKind::tls)
    return false;
  return pairs_.to_original(atom) == kNone && original_.symbol(found.name).atom == kNone;
}

std::string Targets::emitted_name(AtomId atom) {
  if (is_shared(atom))
    return with_suffix(patched_.names.text(patched_.atoms[atom].name), suffix_);
  AtomId leader = patched_.atoms[atom].leader;
  if (leader == kNone || patched_.kind(atom) != SectionKind::code)
    return own_or_suffixed(patched_.atoms[atom].name);
  AtomId twin = pairs_.to_original(leader);
  // Another function of the original may have the name: then that one's replacement
  // has the suffix.
  SymId own = patched_.atoms[atom].name;
  if (twin == kNone)
    return original_.symbol(own).atom != kNone
               ? with_suffix(patched_.names.text(own), ".new" + suffix_)
               : own_or_suffixed(own);
  if (atom == leader)
    return with_suffix(original_.name(twin), suffix_);
  AtomId cold = original_.atoms[twin].cold;
  if (cold != kNone)
    return with_suffix(original_.name(cold), suffix_);
  return with_suffix(original_.name(twin), ".cold" + suffix_);
}

std::string Targets::function_name(AtomId leader, Use use) {
  AtomId twin = pairs_.to_original(leader);
  if (twin == kNone)
    return emitted_name(leader);
  // A weak one may be another file's in the end.
  bool straight = use == Use::branch && changed_.count(leader) && !original_.owner(twin).weak;
  return straight ? emitted_name(leader) : std::string(original_.name(twin));
}

// The address of an exported function, taken by a local name (foo.localalias): by the
// exported one the code of a shared object could not take it without the GOT.
std::string Targets::function_text(SymId symbol, AtomId leader, Use use) {
  std::string text = function_name(leader, use);
  AtomId twin = pairs_.to_original(leader);
  bool by_local_name = symbol != patched_.atoms[leader].name && !patched_.symbol(symbol).exported();
  if (use != Use::address || twin == kNone || !by_local_name || !original_.owner(twin).exported() ||
      text != original_.name(twin))
    return text;
  for (const Alias &alias : original_.aliases) {
    const Symbol &name = original_.symbol(alias.name);
    if (alias.target != original_.atoms[twin].name || alias.addend != 0 || name.exported() ||
        name.weakref || is_local_label(original_.names.text(alias.name)))
      continue;
    return std::string(original_.names.text(alias.name));
  }
  return text;
}

void Targets::index_constants() {
  constants_indexed_ = true;
  for (AtomId id = 0; id < original_.atoms.size(); id++)
    if (is_local_constant(original_, id) && original_.atoms[id].leader == kNone)
      constants_.emplace(original_.atoms[id].fingerprint, id);
}

AtomId Targets::equal_constant(AtomId atom) {
  if (!constants_indexed_)
    index_constants();
  std::string_view name = patched_.name(atom);
  bool anonymous = is_local_label(name);
  auto [begin, end] = constants_.equal_range(patched_.atoms[atom].fingerprint);
  for (; begin != end; ++begin) {
    AtomId candidate = begin->second;
    std::string_view other = original_.name(candidate);
    bool fits = anonymous ? is_local_label(other) : base_name(other) == base_name(name);
    if (fits && original_.atoms[candidate].sure_alignment >= patched_.atoms[atom].sure_alignment &&
        comparison_.same(candidate, atom))
      return candidate;
  }
  return kNone;
}

void Targets::want(AtomId atom) {
  if (!taken_.count(atom))
    wanted_.insert(atom);
}

std::vector<AtomId> Targets::take_wanted() {
  std::vector<AtomId> wanted(wanted_.begin(), wanted_.end());
  taken_.insert(wanted_.begin(), wanted_.end());
  wanted_.clear();
  return wanted;
}

AtomId Targets::new_tls(SymId symbol) {
  if (patched_.symbol(symbol).weakref)
    return kNone;
  AtomId atom = resolve(patched_, symbol).atom;
  bool is_new =
      atom != kNone && patched_.kind(atom) == SectionKind::tls && pairs_.to_original(atom) == kNone;
  return is_new ? atom : kNone;
}

std::string Targets::tls_slot(AtomId atom, bool distance) {
  want(atom);
  if (distance)
    distances_.insert(atom);
  return emitted_name(atom) + (distance ? ".dtpoff" : ".tpoff");
}

std::string Targets::data_name(AtomId atom, uint32_t offset) {
  AtomId twin = is_local_constant(patched_, atom) ? equal_constant(atom) : pairs_.to_original(atom);
  if (twin != kNone)
    return std::string(original_.name(twin));
  if (patched_.atoms[atom].name == kNone)
    throw error(ExitCode::unsupported, "{}: refers to data without a name", patched_.where(offset));
  want(atom);
  return is_local_label(patched_.name(atom)) ? label(patched_.atoms[atom].name)
                                             : emitted_name(atom);
}

std::string Targets::external_name(const Place &place, AtomId group, Use use, uint32_t offset) {
  std::string_view name = patched_.names.text(place.symbol);
  const Symbol &before = original_.symbol(place.symbol);
  const Symbol &now = patched_.symbol(place.symbol);
  if (now.alias != kNone) {
    if (before.alias != kNone || before.atom != kNone)
      return std::string(name);
    // An exported alias that is new: what it stands for will do.
    return text_for(patched_.aliases[now.alias].target, group, use, offset);
  }
  if (is_local_label(name))
    throw error(ExitCode::bad_input, "{}: {} is not defined", patched_.where(offset), name);
  bool was_data = before.atom != kNone && original_.kind(before.atom) != SectionKind::code;
  if (was_data || (before.atom != kNone && !before.exported()))
    throw error(ExitCode::unsupported,
                "{}: {} was defined in this file and is only referred to by the patched one",
                patched_.where(offset), name)
        .with_hint("leave the definition where it is: its present value would be lost");
  if (now.weak && !is_known_name(place.symbol))
    declarations_.insert(fmt::format("\t.weak\t{}\n", name)); // it may be missing
  return std::string(name);
}

std::string Targets::text_for(SymId symbol, AtomId group, Use use, uint32_t offset) {
  if (patched_.symbol(symbol).weakref) {
    std::string_view name = patched_.names.text(symbol);
    if (!original_.symbol(symbol).weakref) {
      const Alias &alias = patched_.aliases[patched_.symbol(symbol).alias];
      declarations_.insert(
          fmt::format("\t.weakref\t{}, {}\n", name, patched_.names.text(alias.target)));
    }
    return std::string(name);
  }
  Place place = resolve(patched_, symbol);
  std::string text;
  AtomId leader = place.atom == kNone ? kNone : patched_.atoms[place.atom].leader;
  if (place.atom == kNone) {
    text = external_name(place, group, use, offset);
  } else if (leader != kNone && leader == group) {
    bool entry = patched_.atoms[leader].name == place.symbol;
    bool cold = patched_.kind(place.atom) == SectionKind::code &&
                patched_.atoms[place.atom].name == place.symbol;
    text = entry  ? function_text(symbol, leader, use)
           : cold ? emitted_name(place.atom)
                  : label(place.symbol);
  } else if (leader != kNone) {
    if (place.atom != leader || place.ordinal != 0)
      throw error(ExitCode::unsupported, "{}: refers to {} inside another function",
                  patched_.where(offset), patched_.names.text(symbol));
    text = function_text(symbol, leader, use);
  } else if (patched_.kind(place.atom) == SectionKind::code) {
    text = patched_.names.text(place.symbol);
  } else {
    text = data_name(place.atom, offset);
  }
  if (place.addend != 0)
    text += fmt::format("{:+}", place.addend);
  return text;
}

// Symbols without a definition in the original that an instruction of it uses
// without the GOT.
void Targets::index_direct_uses() {
  direct_uses_indexed_ = true;
  for (const Statement &statement : original_.statements) {
    if (statement.type() != StatementKind::instruction)
      continue;
    std::string_view text = original_.statement_text(statement);
    bool branch = text[0] == 'j' || text.starts_with("call");
    for_each_symbol(text, [&](size_t begin, size_t length) {
      size_t end = begin + length;
      bool straight = branch && begin == operands_offset(text);
      if (straight || (end < text.size() && text[end] == '@'))
        return;
      SymId id = original_.names.find(text.substr(begin, length));
      if (id != kNone && original_.symbol(id).atom == kNone)
        direct_uses_.insert(id);
    });
  }
}

bool Targets::is_foreign(SymId symbol) {
  if (patched_.symbol(symbol).weakref)
    return true;
  Place place = resolve(patched_, symbol);
  const Symbol &found = patched_.symbol(place.symbol);
  if (place.atom != kNone || found.alias != kNone || found.hidden)
    return false;
  if (original_.symbol(place.symbol).atom != kNone || original_.symbol(place.symbol).hidden)
    return false;
  if (patched_.names.text(place.symbol) == "_GLOBAL_OFFSET_TABLE_")
    return false;
  if (!direct_uses_indexed_)
    index_direct_uses();
  return !direct_uses_.count(place.symbol);
}

} // namespace care::gensrc
