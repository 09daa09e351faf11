// SPDX-License-Identifier: GPL-2.0-or-later
//
// What new code writes where the patched file wrote a symbol.
//
//   a branch to a changed function    its replacement, foo.kpatch
//   the address of a function         the original's, so that pointers compare equal
//   an unchanged variable             the original's name (buf.5 may have been buf.3)
//   a constant of known content       the original's label: one string, one address
//   anything new                      its own name, or NAME.kpatch where the original
//                                     file knows that name already
//   a new inline function, template    NAME.kpatch in any case, see is_shared()
//   instance or what belongs to it
//   places inside the function        the label with the suffix
//   all else                          as it is
//
// Data that has to be emitted because something referred to it is collected here.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "kpatch_gensrc/match/difference.h"

namespace care::gensrc {

// How a symbol is used.
enum class Use {
  address,  // its value, or what lies there
  branch,   // call or jump, straight
  indirect, // with a relocation operator: @PLT, @GOTPCREL, @tpoff
};

class Targets {
 public:
  // `known_names`: names below this number occur in the original file.
  Targets(const Unit &original, const Unit &patched, const AtomPairs &pairs, Comparison &comparison,
          const Difference &difference, size_t known_names);

  // The text for `symbol`, used by a statement at `offset` of the patched file that
  // is emitted as part of `group` (a leader; kNone for data).
  std::string text_for(SymId symbol, AtomId group, Use use, uint32_t offset);

  // True when `symbol` may lie in another module, so that it must be reached
  // through the GOT.
  bool is_foreign(SymId symbol);

  // The atom of `symbol` when that is a thread-local variable that the original does
  // not have, otherwise kNone.
  AtomId new_tls(SymId symbol);
  // The word that holds the offset of a new thread-local variable from the thread
  // pointer; `distance`: from the start of the module's own block. It is wanted then.
  std::string tls_slot(AtomId atom, bool distance);
  bool wants_distance(AtomId atom) const { return distances_.count(atom) != 0; }

  // Name of a function's replacement, of a new function or of new data; `atom`
  // may be a .cold part.
  std::string emitted_name(AtomId atom);
  // Name of a label inside the emitted group.
  std::string label(SymId symbol) const;
  // New, and of a COMDAT group: other files of the program may have it already. Under
  // its own name the link could take the new one for their code too. NAME.kpatch is one
  // for all changed files, and kpatch_tool leads references to it to the program's own
  // where it has one: static locals and addresses stay one.
  bool is_shared(AtomId atom) const;
  // Does the original mention it?
  bool is_known_name(SymId symbol) const { return symbol < known_names_; }
  const std::string &suffix() const { return suffix_; }

  // Adds data to what must be emitted.
  void want(AtomId atom);
  // Data that is wanted and was not taken yet, in the order of the patched file.
  std::vector<AtomId> take_wanted();
  // Lines that say what outside symbols are (.weakref, .weak) and that the original lacks.
  const std::set<std::string> &declarations() const { return declarations_; }

 private:
  std::string function_name(AtomId leader, Use use);
  std::string function_text(SymId symbol, AtomId leader, Use use);
  std::string data_name(AtomId atom, uint32_t offset);
  std::string external_name(const Place &place, AtomId group, Use use, uint32_t offset);
  AtomId equal_constant(AtomId atom);
  std::string own_or_suffixed(SymId name) const;
  void index_constants();
  void index_direct_uses();

  const Unit &original_;
  const Unit &patched_;
  const AtomPairs &pairs_;
  Comparison &comparison_;
  size_t known_names_;
  std::string suffix_;
  std::set<AtomId> changed_; // leaders of the patched file
  std::set<AtomId> wanted_;
  std::set<AtomId> taken_;
  std::set<AtomId> distances_; // new thread-local variables reached from the module's block
  std::set<std::string> declarations_;
  std::multimap<Fingerprint, AtomId> constants_; // of the original
  bool constants_indexed_ = false;
  std::set<SymId> direct_uses_; // outside symbols that the original reaches directly
  bool direct_uses_indexed_ = false;
};

} // namespace care::gensrc
