// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/match/closures.h"

#include <map>

#include "lib/base/alignment.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

// The functions of one lambda, by family.
struct Lambda {
  std::map<size_t, AtomId> functions;
  std::map<size_t, AtomId> bodies;
  std::map<size_t, AtomId> others_with_code; // bodies may be inlined there
};

// The lambdas of one scope, by number.
struct Scope {
  std::map<long, Lambda> original;
  std::map<long, Lambda> patched;
};

std::map<std::string, Scope> collect(const Unit &original, const Unit &patched,
                                     const std::vector<ClosureFamily> &families) {
  std::map<std::string, Scope> scopes;
  for (size_t family = 0; family < families.size(); family++)
    for (bool old : {true, false}) {
      const Unit &unit = old ? original : patched;
      for (AtomId id : old ? families[family].original : families[family].patched) {
        ClosureName name = closure_name(unit.name(id));
        Scope &scope = scopes[name.scope];
        Lambda &lambda = (old ? scope.original : scope.patched)[name.number];
        lambda.functions[family] = id;
        if (name.role == ClosureName::Role::body)
          lambda.bodies[family] = id;
        else if (name.role == ClosureName::Role::may_hold_body)
          lambda.others_with_code[family] = id;
      }
    }
  return scopes;
}

class ScopePairer {
 public:
  ScopePairer(const Unit &original, const Unit &patched, AtomPairs &pairs, Comparison &comparison)
      : original_(original), patched_(patched), pairs_(pairs), comparison_(comparison) {}

  bool run(const Scope &scope) {
    std::vector<const Lambda *> a;
    std::vector<const Lambda *> b;
    for (const auto &[number, lambda] : scope.original)
      a.push_back(&lambda);
    for (const auto &[number, lambda] : scope.patched)
      b.push_back(&lambda);
    settle(a, b, Evidence::content);
    return grew_;
  }

 private:
  using Lambdas = std::vector<const Lambda *>;
  // The instructions alone are enough where the content is not: a static variable of
  // a lambda is paired by the lambda that uses it.
  enum class Evidence { content, instructions };

  // Those with evidence divide the others.
  void settle(const Lambdas &a, const Lambdas &b, Evidence evidence) {
    Alignment equal = align(a.size(), b.size(), [&](size_t i, size_t j) {
      return same_bodies(*a[i], *b[j], evidence);
    });
    equal.emplace_back(a.size(), b.size());
    size_t i = 0;
    size_t j = 0;
    for (const auto &[x, y] : equal) {
      settle_gap(
          Lambdas(a.begin() + static_cast<ptrdiff_t>(i), a.begin() + static_cast<ptrdiff_t>(x)),
          Lambdas(b.begin() + static_cast<ptrdiff_t>(j), b.begin() + static_cast<ptrdiff_t>(y)),
          evidence);
      if (x < a.size())
        pair(*a[x], *b[y]);
      i = x + 1;
      j = y + 1;
    }
  }

  void settle_gap(const Lambdas &a, const Lambdas &b, Evidence evidence) {
    if (a.size() == b.size()) {
      for (size_t k = 0; k < a.size(); k++)
        pair(*a[k], *b[k]);
    } else if (!a.empty() && !b.empty()) {
      if (evidence == Evidence::instructions)
        refuse(*a[0], a.size(), b.size());
      settle(a, b, Evidence::instructions);
    }
  }

  bool same_bodies(const Lambda &a, const Lambda &b, Evidence evidence) {
    if (!a.bodies.empty() || !b.bodies.empty())
      return same_functions(a.bodies, b.bodies, evidence);
    return same_functions(a.others_with_code, b.others_with_code, evidence);
  }

  bool same_functions(const std::map<size_t, AtomId> &a, const std::map<size_t, AtomId> &b,
                      Evidence evidence) {
    bool any = false;
    for (const auto &[family, id] : a) {
      auto twin = b.find(family);
      if (twin == b.end())
        continue;
      bool same = evidence == Evidence::content
                      ? comparison_.same_function(id, twin->second)
                      : original_.atoms[id].fingerprint == patched_.atoms[twin->second].fingerprint;
      if (!same)
        return false;
      any = true;
    }
    return any;
  }

  void pair(const Lambda &a, const Lambda &b) {
    for (const auto &[family, id] : a.functions) {
      auto twin = b.functions.find(family);
      if (twin == b.functions.end() || pairs_.to_patched(id) != kNone ||
          pairs_.to_original(twin->second) != kNone)
        continue;
      pairs_.pair(id, twin->second);
      grew_ = true;
    }
  }

  void refuse(const Lambda &first, size_t before, size_t now) const {
    AtomId shown = first.functions.begin()->second;
    throw error(ExitCode::unsupported,
                "{}: {} changed lambda{} in one place, {} with the fix: cannot tell which is "
                "which (the first is {})",
                original_.where(original_.offset_of(shown)), before, before == 1 ? "" : "s", now,
                original_.name(shown))
        .with_hint("function objects that hold the old ones would run the wrong one: put new "
                   "lambdas where an unchanged one, or none, is between them and a changed one");
  }

  const Unit &original_;
  const Unit &patched_;
  AtomPairs &pairs_;
  Comparison &comparison_;
  bool grew_ = false;
};

} // namespace

bool pair_closures(const Unit &original, const Unit &patched,
                   const std::vector<ClosureFamily> &families, AtomPairs &pairs,
                   Comparison &comparison) {
  bool grew = false;
  for (const auto &[name, scope] : collect(original, patched, families))
    grew |= ScopePairer(original, patched, pairs, comparison).run(scope);
  return grew;
}

} // namespace care::gensrc
