// SPDX-License-Identifier: GPL-2.0-or-later
//
// Real names pair by name. Names that a compiler numbered (buf.1, foo.part.0)
// are put in families by what stays without the number, and paired within them:
//
//   functions   by equal content under the pairing so far, then by who calls
//               them, then by order. A wrong guess costs nothing but size: the
//               callers on both sides agree on what is paired.
//   variables   never by content alone: a changed initial value must be seen
//               as that, not as a new variable. By the functions that use
//               them, then by size and initial value among those left, then
//               by order when both sides have as many.
//
// Each pair can make others possible, hence the fixed point.
#include "kpatch_gensrc/match/symbol_pairing.h"

#include "kpatch_gensrc/match/closures.h"
#include "kpatch_gensrc/match/renamed.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "lib/base/error.h"

namespace care::gensrc {

namespace {

enum class Family { function, variable, tls, none };

Family family_of(const Unit &unit, AtomId id) {
  const Atom &atom = unit.atoms[id];
  if (atom.name == kNone)
    return Family::none;
  switch (unit.kind(id)) {
  case SectionKind::code:
    return atom.leader == id ? Family::function : Family::none;
  case SectionKind::tls:
    return Family::tls;
  case SectionKind::writable:
  case SectionKind::bss:
  case SectionKind::linker_set:
    return atom.leader == kNone ? Family::variable : Family::none;
  case SectionKind::constant:
    return unit.owner(id).exported() ? Family::variable : Family::none;
  default:
    return Family::none;
  }
}

using AtomList = std::vector<AtomId>;

struct Candidates {
  bool cxx = false;     // C++ names that number what stands in one function
  bool closure = false; // of lambdas: see closures.h
  Family family = Family::none;
  AtomList original;
  AtomList patched;
};

class Pairer {
 public:
  Pairer(const Unit &original, const Unit &patched, AtomPairs &pairs, Comparison &comparison)
      : original_(original), patched_(patched), pairs_(pairs), comparison_(comparison) {}
  void run();

 private:
  void find_renamed(const Unit &unit);
  bool is_numbered(const Unit &unit, AtomId id) const;
  bool is_of_many_files(AtomId original) const;
  void refuse_leftovers();
  void find_numbered();
  void pair_by_name();
  void collect(const Unit &unit, AtomList Candidates::*side);
  std::map<AtomId, AtomList> owners_of(const Unit &unit) const;
  void pair(AtomId a, AtomId b);
  AtomList left(const AtomList &all, bool original) const;
  void by_content(Candidates &candidates);
  void by_owner(Candidates &candidates);
  void settle(Family family, AtomList a, AtomList b);
  void rest(Candidates &candidates);
  void rest_by_place(Candidates &candidates);
  void settle_gap(const AtomList &a, const AtomList &b);

  const Unit &original_;
  const Unit &patched_;
  AtomPairs &pairs_;
  Comparison &comparison_;
  std::map<std::pair<std::string, Family>, Candidates> families_;
  std::map<AtomId, AtomList> original_owners_;
  std::map<AtomId, AtomList> patched_owners_;
  std::set<std::string> renamed_; // what names with .lto_priv were before
  // C++ names that number lambdas and the like, by name; their families' names.
  std::unordered_map<SymId, std::string> numbered_;
  std::vector<ClosureFamily> closures_;
  bool grew_ = false;
};

void Pairer::pair(AtomId a, AtomId b) {
  pairs_.pair(a, b);
  grew_ = true;
}

// Unnamed types and local variables of one name are numbered in the order of the
// source. Only where a name is the one of its kind on both sides it says enough.
void Pairer::find_numbered() {
  std::map<std::pair<std::string, Family>, std::pair<std::set<SymId>, std::set<SymId>>> kinds;
  for (bool original : {true, false}) {
    const Unit &unit = original ? original_ : patched_;
    for (AtomId id = 0; id < unit.atoms.size(); id++) {
      Family family = family_of(unit, id);
      if (family == Family::none || !unit.name(id).starts_with("_Z") ||
          is_auto_named(unit.name(id)))
        continue;
      auto &both = kinds[{without_cxx_numbers(unit.name(id)), family}];
      (original ? both.first : both.second).insert(unit.atoms[id].name);
    }
  }
  for (const auto &[kind, both] : kinds)
    if (both.first.size() > 1 || both.second != both.first)
      for (const std::set<SymId> &names : {both.first, both.second})
        for (SymId name : names)
          numbered_[name] = kind.first;
}

// gcc renames a static symbol when link-time optimisation brings it together with
// another of its name (foo.lto_priv.0), so `foo` of one side can be foo.lto_priv.1 of
// the other.
void Pairer::find_renamed(const Unit &unit) {
  for (AtomId id = 0; id < unit.atoms.size(); id++)
    if (family_of(unit, id) != Family::none &&
        unit.name(id).find(".lto_priv.") != std::string::npos)
      renamed_.insert(base_name(unit.name(id)));
}

bool Pairer::is_numbered(const Unit &unit, AtomId id) const {
  std::string_view name = unit.name(id);
  return is_auto_named(name) || numbered_.count(unit.atoms[id].name) != 0 ||
         (!renamed_.empty() && !unit.owner(id).exported() &&
          renamed_.count(std::string(name)) != 0);
}

// Several files have static symbols of this name: their order says nothing.
bool Pairer::is_of_many_files(AtomId original) const {
  return !renamed_.empty() && renamed_.count(base_name(original_.name(original))) != 0;
}

// Static variables of one name in several files, and nothing tells which is which.
void Pairer::refuse_leftovers() {
  for (auto &[name, candidates] : families_) {
    AtomList a = left(candidates.original, true);
    AtomList b = left(candidates.patched, false);
    if (name.second == Family::function || a.empty() || b.empty() || !is_of_many_files(a[0]))
      continue;
    throw error(ExitCode::unsupported,
                "{}: several files have a static variable {}: cannot tell which is which",
                original_.where(original_.offset_of(a[0])), name.first)
        .with_hint("give those that the fix uses names of their own in both builds, or build "
                   "without -flto");
  }
}

void Pairer::pair_by_name() {
  for (AtomId b = 0; b < patched_.atoms.size(); b++) {
    Family family = family_of(patched_, b);
    if (family == Family::none || is_numbered(patched_, b))
      continue;
    AtomId a = original_.symbol(patched_.atoms[b].name).atom;
    if (a != kNone && original_.atoms[a].name == patched_.atoms[b].name &&
        family_of(original_, a) == family)
      pairs_.pair(a, b);
  }
}

void Pairer::collect(const Unit &unit, AtomList Candidates::*side) {
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    Family family = family_of(unit, id);
    if (family == Family::none || !is_numbered(unit, id))
      continue;
    auto known = numbered_.find(unit.atoms[id].name);
    std::string base =
        known != numbered_.end() ? known->second : without_cxx_numbers(base_name(unit.name(id)));
    Candidates &candidates = families_[{base, family}];
    candidates.family = family;
    candidates.cxx = known != numbered_.end();
    candidates.closure = family == Family::function && !closure_name(unit.name(id)).scope.empty();
    (candidates.*side).push_back(id);
  }
}

// For each auto-named atom, the functions (leaders) and variables that refer to it,
// by way of a local constant too: constants are not paired, so they are no owners.
std::map<AtomId, AtomList> Pairer::owners_of(const Unit &unit) const {
  auto owned = [&](AtomId id) { return is_numbered(unit, id); };
  std::map<AtomId, AtomList> users;
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    AtomId user = unit.atoms[id].leader == kNone ? id : unit.atoms[id].leader;
    if (family_of(unit, user) == Family::none && !is_local_constant(unit, user))
      continue;
    for (uint32_t ref = unit.atoms[id].refs_begin; ref < unit.atoms[id].refs_end; ref++) {
      AtomId used = unit.symbol(unit.refs[ref]).atom;
      if (used != kNone && used != user && (owned(used) || is_local_constant(unit, used)))
        users[used].push_back(user);
    }
  }
  std::map<AtomId, AtomList> owners;
  for (const auto &[id, direct] : users) {
    if (!owned(id) || is_local_constant(unit, id))
      continue;
    std::set<AtomId> seen;
    AtomList next = direct;
    while (!next.empty()) {
      AtomId user = next.back();
      next.pop_back();
      if (!seen.insert(user).second)
        continue;
      std::map<AtomId, AtomList>::iterator through = users.find(user);
      if (!is_local_constant(unit, user))
        owners[id].push_back(user);
      else if (through != users.end())
        next.insert(next.end(), through->second.begin(), through->second.end());
    }
  }
  return owners;
}

AtomList Pairer::left(const AtomList &all, bool original) const {
  AtomList rest;
  for (AtomId id : all)
    if ((original ? pairs_.to_patched(id) : pairs_.to_original(id)) == kNone)
      rest.push_back(id);
  return rest;
}

void Pairer::by_content(Candidates &candidates) {
  for (AtomId a : left(candidates.original, true))
    for (AtomId b : left(candidates.patched, false))
      if (pairs_.to_patched(a) == kNone && comparison_.same_function(a, b))
        pair(a, b);
}

// Those with the same users, as far as the users are paired.
void Pairer::by_owner(Candidates &candidates) {
  std::map<std::set<AtomId>, std::pair<AtomList, AtomList>> by_users;
  for (AtomId a : left(candidates.original, true)) {
    std::set<AtomId> users;
    for (AtomId owner : original_owners_[a])
      if (pairs_.to_patched(owner) != kNone)
        users.insert(pairs_.to_patched(owner));
    by_users[users].first.push_back(a);
  }
  for (AtomId b : left(candidates.patched, false)) {
    std::set<AtomId> users;
    for (AtomId owner : patched_owners_[b])
      if (pairs_.to_original(owner) != kNone)
        users.insert(owner);
    by_users[users].second.push_back(b);
  }
  for (auto &[users, both] : by_users)
    if (!users.empty() && !both.first.empty() && !both.second.empty())
      settle(candidates.family, both.first, both.second);
}

// `a` and `b` have equal claims on each other.
void Pairer::settle(Family family, AtomList a, AtomList b) {
  if (a.size() > 1 || b.size() > 1) {
    // By size and initial value, where that is unambiguous.
    for (AtomId x : AtomList(a)) {
      auto equal_to = [&](const Unit &unit, AtomId id) {
        return unit.atoms[id].fingerprint == original_.atoms[x].fingerprint;
      };
      auto is_x = [&](AtomId id) { return equal_to(original_, id); };
      auto is_y = [&](AtomId id) { return equal_to(patched_, id); };
      if (std::count_if(a.begin(), a.end(), is_x) != 1 ||
          std::count_if(b.begin(), b.end(), is_y) != 1)
        continue;
      AtomList::iterator y = std::find_if(b.begin(), b.end(), is_y);
      pair(x, *y);
      b.erase(y);
      a.erase(std::find(a.begin(), a.end(), x));
    }
  }
  bool one_each = a.size() == 1 && b.size() == 1;
  if (a.size() == b.size() && (one_each || a.empty() || !is_of_many_files(a[0]))) {
    for (size_t i = 0; i < a.size(); i++)
      pair(a[i], b[i]);
  } else if (family != Family::function && !a.empty() && !b.empty() && !is_of_many_files(a[0])) {
    throw error(ExitCode::unsupported,
                "{}: the function has {} static variables called {}, the patched one {}: "
                "cannot tell which is which",
                original_.where(original_.offset_of(a[0])), a.size(),
                base_name(original_.name(a[0])), b.size())
        .with_hint("give the new variable another name");
  }
}

void Pairer::rest(Candidates &candidates) {
  AtomList a = left(candidates.original, true);
  AtomList b = left(candidates.patched, false);
  if (candidates.family == Family::function && candidates.cxx) {
    rest_by_place(candidates);
    return;
  }
  if (candidates.family == Family::function) {
    if (a.size() == b.size() && !a.empty())
      settle(candidates.family, a, b);
    return;
  }
  // A variable whose users moved on: one left on each side and nothing speaks
  // against it. Different content means that it is another variable.
  if (a.size() == 1 && b.size() == 1 && comparison_.same(a[0], b[0]))
    pair(a[0], b[0]);
  // Without users: the name is all there is to go by.
  for (AtomId x : left(candidates.original, true))
    for (AtomId y : left(candidates.patched, false))
      if (original_.atoms[x].name == patched_.atoms[y].name && original_owners_[x].empty() &&
          patched_owners_[y].empty() && comparison_.same(x, y))
        pair(x, y);
}

// Lambdas of one function, in the order of the source. Those that are paired
// divide the others: a changed one has its place between the same two.
void Pairer::rest_by_place(Candidates &candidates) {
  auto in_order = [](const Unit &unit, AtomList list) {
    auto numbers = [&](AtomId id) {
      std::vector<long> found;
      without_cxx_numbers(unit.name(id), &found);
      return found;
    };
    std::sort(list.begin(), list.end(),
              [&](AtomId x, AtomId y) { return numbers(x) < numbers(y); });
    return list;
  };
  AtomList a = in_order(original_, candidates.original);
  AtomList b = in_order(patched_, candidates.patched);
  AtomList gap_a;
  size_t next = 0;
  for (size_t i = 0; i <= a.size(); i++) {
    AtomId twin = i < a.size() ? pairs_.to_patched(a[i]) : kNone;
    if (i < a.size() && twin == kNone) {
      gap_a.push_back(a[i]);
      continue;
    }
    // One that moved across others divides nothing.
    AtomList::iterator end =
        i < a.size() ? std::find(b.begin() + static_cast<ptrdiff_t>(next), b.end(), twin) : b.end();
    if (i < a.size() && end == b.end())
      continue;
    AtomList gap_b(b.begin() + static_cast<ptrdiff_t>(next), end);
    std::erase_if(gap_b, [&](AtomId id) { return pairs_.to_original(id) != kNone; });
    settle_gap(gap_a, gap_b);
    gap_a.clear();
    next = static_cast<size_t>(end - b.begin()) + (end == b.end() ? 0 : 1);
  }
}

void Pairer::settle_gap(const AtomList &a, const AtomList &b) {
  if (a.size() == b.size()) {
    for (size_t i = 0; i < a.size(); i++)
      pair(a[i], b[i]);
  } else if (!a.empty() && !b.empty()) {
    throw error(ExitCode::unsupported,
                "{}: {} lambdas or local types of one function became {} and changed as well ({}): "
                "cannot tell which is which",
                original_.where(original_.offset_of(a[0])), a.size(), b.size(),
                original_.name(a[0]))
        .with_hint("objects that hold the old ones would call the wrong one: leave the old ones "
                   "in place and put new ones behind them");
  }
}

void Pairer::run() {
  find_numbered();
  find_renamed(original_);
  find_renamed(patched_);
  pair_by_name();
  pair_renamed(original_, patched_, pairs_);
  collect(original_, &Candidates::original);
  collect(patched_, &Candidates::patched);
  if (families_.empty())
    return;
  for (const auto &[name, candidates] : families_)
    if (candidates.closure)
      closures_.push_back({candidates.original, candidates.patched});
  original_owners_ = owners_of(original_);
  patched_owners_ = owners_of(patched_);
  // The weaker a step's evidence, the later it comes: after each gain from the top.
  for (int step = 0; step < 4;) {
    grew_ = false;
    if (step == 2)
      grew_ = pair_closures(original_, patched_, closures_, pairs_, comparison_);
    for (auto &[name, candidates] : families_) {
      if (candidates.closure)
        continue;
      if (step == 0 && candidates.family == Family::function)
        by_content(candidates);
      else if (step == 1 && !(candidates.cxx && candidates.family == Family::function))
        by_owner(candidates);
      else if (step == 3)
        rest(candidates);
    }
    if (grew_)
      comparison_.forget();
    step = grew_ ? 0 : step + 1;
  }
  refuse_leftovers();
}

} // namespace

void pair_atoms(const Unit &original, const Unit &patched, AtomPairs &pairs,
                Comparison &comparison) {
  Pairer(original, patched, pairs, comparison).run();
}

} // namespace care::gensrc
