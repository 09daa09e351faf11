// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/verdict/removed_data.h"

#include <algorithm>

#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

bool holds_state(const Unit &unit, AtomId id) {
  switch (unit.kind(id)) {
  case SectionKind::writable:
  case SectionKind::bss:
  case SectionKind::tls:
  case SectionKind::linker_set:
    return !unit.owner(id).weak;
  default:
    return false;
  }
}

// Who refers to each atom: leaders of functions, or data, of the same file.
std::vector<std::vector<AtomId>> users_of_atoms(const Unit &unit) {
  std::vector<std::vector<AtomId>> users(unit.atoms.size());
  for (AtomId id = 0; id < unit.atoms.size(); id++) {
    const Atom &atom = unit.atoms[id];
    if (unit.kind(id) == SectionKind::mark || unit.kind(id) == SectionKind::note)
      continue;
    AtomId user = atom.leader == kNone ? id : atom.leader;
    for (uint32_t ref = atom.refs_begin; ref < atom.refs_end; ref++) {
      if (unit.symbol(unit.refs[ref]).weakref)
        continue;
      AtomId used = resolve(unit, unit.refs[ref]).atom;
      used = used != kNone && unit.atoms[used].leader != kNone ? unit.atoms[used].leader : used;
      if (used != kNone && used != user)
        users[used].push_back(user);
    }
  }
  return users;
}

// Something the patched file still has that reached `variable`, through other things
// that are gone if need be; kNone when all of it is gone.
AtomId remaining_user(const std::vector<std::vector<AtomId>> &users, const AtomPairs &pairs,
                      AtomId variable) {
  std::vector<bool> seen(users.size());
  std::vector<AtomId> gone = {variable};
  while (!gone.empty()) {
    AtomId at = gone.back();
    gone.pop_back();
    for (AtomId user : users[at]) {
      if (pairs.to_patched(user) != kNone)
        return user;
      if (!seen[user])
        gone.push_back(user);
      seen[user] = true;
    }
  }
  return kNone;
}

// "8 bytes (.quad 10)", "4 bytes": size as far as known, and where it began.
std::string size_and_value(const Unit &unit, AtomId id) {
  std::string size = "of unknown size", value;
  for (const Statement &statement : unit.statements)
    if ((statement.type() == StatementKind::end || statement.type() == StatementKind::common) &&
        statement.value == unit.atoms[id].name) {
      std::string_view arguments = behind_first_word(unit.statement_text(statement));
      next_argument(arguments);
      size = fmt::format("{} bytes", next_argument(arguments));
    }
  for (const StatementRange &range : unit.atoms[id].ranges)
    for (uint32_t i = range.begin; i < range.end && value.empty(); i++)
      if (unit.statements[i].type() == StatementKind::data)
        value = unit.statement_text(unit.statements[i]);
  std::replace(value.begin(), value.end(), '\t', ' ');
  return value.empty() ? size : fmt::format("{}, initially {}", size, value);
}

bool is_about(const Unit &original, const Mark &mark, AtomId removed) {
  return mark.kind == MacroKind::ignore &&
         base_name(original.names.text(mark.symbol)) == base_name(original.name(removed));
}

} // namespace

void refuse_removed_data(const Unit &original, const AtomPairs &pairs, const Difference &difference,
                         const std::vector<Mark> &marks) {
  std::vector<std::vector<AtomId>> users;
  for (AtomId removed : difference.removed_data) {
    if (!holds_state(original, removed) ||
        std::any_of(marks.begin(), marks.end(),
                    [&](const Mark &mark) { return is_about(original, mark, removed); }))
      continue;
    if (users.empty())
      users = users_of_atoms(original);
    AtomId user = remaining_user(users, pairs, removed);
    if (user == kNone)
      continue;
    throw error(ExitCode::unsupported,
                "{}: {} {} ({}) is gone from the patched file, and {} used it",
                original.where(original.offset_of(removed)), kind_name(original.kind(removed)),
                original.name(removed), size_and_value(original, removed), original.name(user))
        .with_hint("the process holds a value of its own. Where the source still has the variable, "
                   "the compiler put its initial value in place of it: make it volatile, or set "
                   "it in a hook (KPATCH_POST_APPLY). Where it is not needed any more: "
                   "`extern` declaration and KPATCH_IGNORE(variable, \"reason\"), kpatch.h");
  }
}

std::string describe_removed(const Unit &original, const Difference &difference, const Mark &mark) {
  for (AtomId removed : difference.removed_data)
    if (is_about(original, mark, removed))
      return fmt::format("removed ({})", size_and_value(original, removed));
  return {};
}

} // namespace care::gensrc
