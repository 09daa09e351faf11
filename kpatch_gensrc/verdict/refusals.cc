// SPDX-License-Identifier: GPL-2.0-or-later
//
// A running process holds the values of its variables, has run its constructors and
// has its addresses handed out. A fix that changes any of these in place cannot
// be brought by replacing functions; it is refused here, by name, rather than half
// done. What concerns data stands first, then functions, then what has no symbol.
#include "kpatch_gensrc/verdict/refusals.h"

#include <algorithm>
#include <map>
#include <set>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/asm/uses.h"
#include "kpatch_gensrc/match/explain.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

// "NUMBER" of `.size NAME, NUMBER` or `.comm NAME, NUMBER, ...`; empty when unknown.
std::string_view size_of(const Unit &unit, SymId name) {
  for (const Statement &statement : unit.statements)
    if ((statement.type() == StatementKind::end || statement.type() == StatementKind::common) &&
        statement.value == name) {
      std::string_view arguments = behind_first_word(unit.statement_text(statement));
      next_argument(arguments);
      return next_argument(arguments);
    }
  return {};
}

class Refusals {
 public:
  Refusals(const Unit &original, const Unit &patched, const AtomPairs &pairs,
           Comparison &comparison, const Difference &difference, const std::vector<Mark> &marks)
      : original_(original), patched_(patched), pairs_(pairs), comparison_(comparison),
        difference_(difference), marks_(marks) {}
  void run();

 private:
  void check_data();
  void check_pair(AtomId a, AtomId b);
  void check_new_data(AtomId b);
  void check_tls_initialisation();
  void check_constructors();
  void check_aliases();
  void check_definition_became_alias(const Alias &alias);
  void check_functions();
  void check_nameless();
  void check_pushed();
  std::string where(AtomId patched) const { return patched_.where(patched_.offset_of(patched)); }

  const Unit &original_;
  const Unit &patched_;
  const AtomPairs &pairs_;
  Comparison &comparison_;
  const Difference &difference_;
  const std::vector<Mark> &marks_;
};

void Refusals::check_data() {
  for (AtomId b = 0; b < patched_.atoms.size(); b++) {
    if (patched_.kind(b) == SectionKind::code || patched_.atoms[b].name == kNone ||
        patched_.atoms[b].leader != kNone)
      continue;
    AtomId a = pairs_.to_original(b);
    if (a == kNone)
      check_new_data(b);
    else
      check_pair(a, b);
  }
}

void Refusals::check_pair(AtomId a, AtomId b) {
  if (patched_.owner(b).exported() && !original_.owner(a).exported())
    throw error(ExitCode::unsupported, "{}: {} was static and is global now", where(b),
                patched_.name(b))
        .with_hint("the running program has no global symbol of that name: leave it static");
  std::string what = describe_change(original_, patched_, pairs_, comparison_, b);
  if (what.empty() || ignore_mark(patched_, marks_, b))
    return;
  bool constant = patched_.kind(b) == SectionKind::constant;
  throw error(ExitCode::unsupported, "{}: {} {} changed: {}", where(b),
              constant ? "global constant" : kind_name(patched_.kind(b)), patched_.name(b), what)
      .with_hint(constant
                     ? "other files read it too: make the fix use a constant of another name"
                     : "a running process has its own value by now: leave the definition as it was "
                       "and set the new value in a hook (KPATCH_POST_APPLY), or say why it does "
                       "not matter (KPATCH_IGNORE(variable, \"reason\"), kpatch.h)");
}

// A thread runs the constructors of all of a file's thread-local variables at the first
// use of one, and notes that in __tls_guard: one that is added is not run in threads that
// have been there. A destructor is registered with the thread and outlives the patch.
void Refusals::check_tls_initialisation() {
  AtomId fresh = kNone;
  for (AtomId b = 0; b < patched_.atoms.size() && fresh == kNone; b++)
    if (patched_.kind(b) == SectionKind::tls && patched_.atoms[b].name != kNone &&
        pairs_.to_original(b) == kNone && patched_.name(b) != "__tls_guard")
      fresh = b;
  if (fresh == kNone)
    return;
  for (AtomId a = 0; a < original_.atoms.size(); a++)
    if (original_.name(a) == "__tls_guard")
      throw error(ExitCode::unsupported,
                  "{}: {} is a new thread-local variable, and others of the file have constructors",
                  where(fresh), patched_.name(fresh))
          .with_hint("threads have run them all at once and do not again: define the new one in "
                     "another file");
}

void Refusals::check_new_data(AtomId b) {
  SectionKind kind = patched_.kind(b);
  if (kind == SectionKind::tls && patched_.owner(b).weak)
    throw error(ExitCode::unsupported, "{}: {} is a new inline thread-local variable", where(b),
                patched_.name(b))
        .with_hint("each file would get one of its own: define it in one file");
  if (kind == SectionKind::linker_set)
    throw error(ExitCode::unsupported, "{}: {} is new in section {}, which the program walks",
                where(b), patched_.name(b), patched_.sections[patched_.atoms[b].section].name)
        .with_hint("the program has read that list already; a patch cannot add to it");
}

// ---- constructors -----------------------------------------------------------

void Refusals::check_constructors() {
  std::set<AtomId> run_at_start; // functions of the patched file
  for (AtomId b = 0; b < patched_.atoms.size(); b++) {
    const Atom &atom = patched_.atoms[b];
    std::string_view section = patched_.sections[atom.section].name;
    if (patched_.kind(b) != SectionKind::constructors || section.starts_with(".fini") ||
        section.starts_with(".dtors"))
      continue;
    for (uint32_t ref = atom.refs_begin; ref < atom.refs_end; ref++)
      run_at_start.insert(resolve(patched_, patched_.refs[ref]).atom);
  }
  for (const ChangedFunction &function : difference_.changed) {
    std::string base = base_name(patched_.name(function.patched));
    if (run_at_start.count(function.patched) ||
        base.find("__static_initialization_and_destruction_0") != std::string::npos)
      throw error(ExitCode::unsupported, "{}: the constructor {} changed", where(function.patched),
                  patched_.name(function.patched))
          .with_hint("it has run when the program started and will not run again: initialise "
                     "what is new where it is first used, or construct it in a hook "
                     "(KPATCH_PRE_APPLY, kpatch.h; docs/hooks.rst shows how)");
  }
}

// ---- functions --------------------------------------------------------------

// The compiler folds functions of equal code into one; then a name has no body of
// its own to replace.
void Refusals::check_definition_became_alias(const Alias &alias) {
  AtomId before = original_.symbol(alias.name).atom;
  if (before == kNone || original_.kind(before) != SectionKind::code ||
      original_.atoms[before].leader != before)
    return;
  throw error(ExitCode::unsupported, "{}: {} was a function and is another name of {} now",
              patched_.where(alias.begin), patched_.names.text(alias.name),
              alias.target == kNone ? "something" : patched_.names.text(alias.target))
      .with_hint("two functions became equal and were folded: compile with -fno-ipa-icf");
}

void Refusals::check_aliases() {
  for (const Alias &alias : patched_.aliases) {
    if (is_local_label(patched_.names.text(alias.name)) || alias.target == kNone)
      continue;
    check_definition_became_alias(alias);
    const Symbol &before = original_.symbol(alias.name);
    if (before.alias == kNone || !patched_.symbol(alias.name).exported())
      continue;
    const Alias &old = original_.aliases[before.alias];
    if (old.target == kNone || old.addend != alias.addend ||
        !comparison_.same_reference(old.target, alias.target))
      throw error(ExitCode::unsupported, "{}: {} was an alias of {} and is one of {} now",
                  patched_.where(alias.begin), patched_.names.text(alias.name),
                  old.target == kNone ? "an expression" : original_.names.text(old.target),
                  patched_.names.text(alias.target))
          .with_hint("its address is handed out already; change the function it stands for");
  }
  for (const Alias &alias : original_.aliases) {
    AtomId now = patched_.symbol(alias.name).atom;
    if (is_local_label(original_.names.text(alias.name)) || now == kNone ||
        patched_.kind(now) != SectionKind::code || patched_.symbol(alias.name).ordinal != 0)
      continue;
    // A static function that was folded and that nothing but calls reach is simply new:
    // all its callers are in this file and are changed.
    if (original_.symbol(alias.name).exported() || !only_called(original_, alias.name) ||
        !only_called(patched_, alias.name))
      throw error(ExitCode::unsupported, "{}: {} was another name of {} and is a function now",
                  where(now), original_.names.text(alias.name),
                  alias.target == kNone ? "something" : original_.names.text(alias.target))
          .with_hint("both share one body in the running program, which cannot be replaced "
                     "for one of them only");
  }
}

void Refusals::check_functions() {
  std::set<AtomId> resolvers;
  for (const Alias &alias : patched_.aliases)
    if (patched_.symbol(alias.name).type == SymbolType::ifunc && alias.target != kNone)
      resolvers.insert(resolve(patched_, alias.target).atom);
  for (const ChangedFunction &function : difference_.changed)
    if (resolvers.count(function.patched) ||
        patched_.owner(function.patched).type == SymbolType::ifunc)
      throw error(ExitCode::unsupported, "{}: the IFUNC resolver {} changed",
                  where(function.patched), patched_.name(function.patched))
          .with_hint("it has chosen already; change the implementations it chooses from");
  for (AtomId b = 0; b < patched_.atoms.size(); b++) {
    AtomId a = pairs_.to_original(b);
    if (a == kNone || patched_.kind(b) != SectionKind::code)
      continue;
    const Symbol &before = original_.owner(a);
    const Symbol &now = patched_.owner(b);
    if (now.exported() && !before.exported())
      throw error(ExitCode::unsupported, "{}: {} was static and is global now", where(b),
                  patched_.name(b))
          .with_hint("other files cannot reach it in the running program: leave it static, or "
                     "give the global one another name");
    if (now.versioned != before.versioned)
      throw error(ExitCode::unsupported, "{}: the symbol version of {} changed", where(b),
                  patched_.name(b));
  }
}

// ---- what has no symbol -----------------------------------------------------

bool matters(SectionKind kind) {
  return kind != SectionKind::note && kind != SectionKind::mark && kind != SectionKind::debug;
}

// The nameless atom of each section, by section name.
std::map<std::string_view, std::vector<AtomId>> nameless_atoms(const Unit &unit) {
  std::map<std::string_view, std::vector<AtomId>> found;
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    const Atom &atom = unit.atoms[id];
    bool counted = atom.statements != 0 && matters(unit.kind(id));
    if (atom.name == kNone && atom.leader == kNone && counted)
      found[unit.sections[atom.section].name].push_back(id);
  }
  return found;
}

// "prepare_early, prepare_late", or "none".
std::string names_referred_to(const Unit &unit, const std::vector<AtomId> &atoms) {
  std::string text;
  for (AtomId id : atoms)
    for (uint32_t i = unit.atoms[id].refs_begin; i < unit.atoms[id].refs_end; i++)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", unit.names.text(unit.refs[i]));
  return text.empty() ? "none" : text;
}

void Refusals::check_nameless() {
  std::map<std::string_view, std::vector<AtomId>> before = nameless_atoms(original_);
  std::map<std::string_view, std::vector<AtomId>> now = nameless_atoms(patched_);
  for (const auto &[section, atoms] : now)
    before[section];
  for (const auto &[section, atoms] : before) {
    const std::vector<AtomId> &others = now[section];
    bool same = std::equal(atoms.begin(), atoms.end(), others.begin(), others.end(),
                           [&](AtomId a, AtomId b) { return comparison_.same(a, b); });
    if (same)
      continue;
    const Unit &unit = others.empty() ? original_ : patched_;
    AtomId shown = others.empty() ? atoms[0] : others[0];
    std::string place = unit.where(unit.offset_of(shown));
    if (unit.kind(shown) == SectionKind::constructors)
      throw error(ExitCode::unsupported, "{}: the list of constructors in {} changed: {} -> {}",
                  place, section, names_referred_to(original_, atoms),
                  names_referred_to(patched_, others))
          .with_hint("constructors have run when the program started: initialise what is new "
                     "where it is first used, or construct it in a hook (KPATCH_PRE_APPLY, "
                     "kpatch.h; docs/hooks.rst shows how)");
    throw error(ExitCode::unsupported, "{}: {} without a symbol changed in section {}", place,
                kind_name(unit.kind(shown)), section)
        .with_hint("only functions and named data can be replaced");
  }
}

// Entries that asm statements put into lists the program walks.
void Refusals::check_pushed() {
  auto entries = [](const Unit &unit, const Fragments &all, AtomId leader) {
    std::vector<AtomId> found;
    Fragments::const_iterator list = all.find(leader);
    if (list != all.end())
      for (AtomId id : list->second)
        if (unit.kind(id) == SectionKind::linker_set || unit.kind(id) == SectionKind::constructors)
          found.push_back(id);
    return found;
  };
  auto refuse = [&](AtomId function) {
    throw error(ExitCode::unsupported, "{}: {} adds to or changes a list that the program walks",
                where(function), patched_.name(function))
        .with_hint("the program has read that list already");
  };
  for (AtomId function : difference_.added_functions)
    if (!entries(patched_, comparison_.patched_fragments(), function).empty())
      refuse(function);
  for (const ChangedFunction &function : difference_.changed) {
    std::vector<AtomId> before =
        entries(original_, comparison_.original_fragments(), function.original);
    std::vector<AtomId> now = entries(patched_, comparison_.patched_fragments(), function.patched);
    bool same =
        std::equal(before.begin(), before.end(), now.begin(), now.end(), [&](AtomId a, AtomId b) {
          return original_.atoms[a].fingerprint == patched_.atoms[b].fingerprint;
        });
    if (!same)
      refuse(function.patched);
  }
}

void Refusals::run() {
  check_data();
  check_tls_initialisation();
  check_nameless();
  check_constructors();
  check_aliases();
  check_functions();
  check_pushed();
}

} // namespace

std::string describe_change(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                            Comparison &comparison, AtomId atom) {
  AtomId before = pairs.to_original(atom);
  if (before == kNone || comparison.same(before, atom))
    return {};
  std::string_view old_size = size_of(original, original.atoms[before].name);
  std::string_view new_size = size_of(patched, patched.atoms[atom].name);
  if (old_size != new_size)
    return fmt::format("size {} -> {}", old_size, new_size);
  return one_line(explain_data(original, patched, comparison, before, atom));
}

void refuse_what_cannot_be_done(const Unit &original, const Unit &patched, const AtomPairs &pairs,
                                Comparison &comparison, const Difference &difference,
                                const std::vector<Mark> &marks) {
  Refusals(original, patched, pairs, comparison, difference, marks).run();
}

} // namespace care::gensrc
