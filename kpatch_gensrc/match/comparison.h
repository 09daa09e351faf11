// SPDX-License-Identifier: GPL-2.0-or-later
//
// Equality of atoms of the two files.
//
// Streams are equal when their fingerprints are and each symbol they refer to
// means the same on both sides: the same name outside the file, the paired
// function or variable, the same place in the group, or a constant of equal
// content, whatever it is called. Content is compared recursively; two constants
// that refer to each other are equal when no difference is found.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "kpatch_gensrc/asm/unit.h"

namespace care::gensrc {

// Which atom of the patched file is which of the original. Functions are paired
// by their leaders. Constants with a local name are not paired: content decides.
class AtomPairs {
 public:
  AtomPairs(const Unit &original, const Unit &patched)
      : to_patched_(original.atoms.size(), kNone), to_original_(patched.atoms.size(), kNone) {}
  void pair(AtomId original, AtomId patched) {
    to_patched_[original] = patched;
    to_original_[patched] = original;
  }
  AtomId to_patched(AtomId original) const { return to_patched_[original]; }
  AtomId to_original(AtomId patched) const { return to_original_[patched]; }

 private:
  std::vector<AtomId> to_patched_;
  std::vector<AtomId> to_original_;
};

// A constant that only its content identifies: read-only, known in this file only.
bool is_local_constant(const Unit &unit, AtomId atom);

// Pieces that asm statements pushed to other sections, by the function's leader.
using Fragments = std::unordered_map<AtomId, std::vector<AtomId>>;
Fragments fragments_of(const Unit &unit);

class Comparison {
 public:
  Comparison(const Unit &original, const Unit &patched, const AtomPairs &pairs);

  // `a` of the original, `b` of the patched file.
  bool same(AtomId a, AtomId b);
  bool same_reference(SymId a, SymId b);
  // The whole group of two leaders.
  bool same_function(AtomId a, AtomId b);
  // To be called after the pairing grew: what differed may be equal now.
  void forget() {
    known_.clear();
    trail_.clear();
  }

  const Fragments &original_fragments() const { return original_fragments_; }
  const Fragments &patched_fragments() const { return patched_fragments_; }

 private:
  bool same_refs(const Atom &a, const Atom &b);
  bool same_fragments(AtomId a, AtomId b);
  bool same_leader(AtomId a, AtomId b) const;

  const Unit &original_;
  const Unit &patched_;
  const AtomPairs &pairs_;
  Fragments original_fragments_;
  Fragments patched_fragments_;
  std::unordered_map<uint64_t, bool> known_; // assumed equal while being compared
  std::vector<uint64_t> trail_;              // what was assumed, in order
  AtomId assumed_a_ = kNone;                 // leaders being compared
  AtomId assumed_b_ = kNone;
};

} // namespace care::gensrc
