// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/match/fix_marks.h"

#include <algorithm>
#include <array>

#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

constexpr std::string_view kSectionPrefix = ".kpatch_mark.";

struct KnownMark {
  std::string_view word; // behind .kpatch_mark.
  std::string_view macro;
  MacroKind kind;
};

constexpr std::array<KnownMark, 7> kKnownMarks = {{
    {"pre_apply", "KPATCH_PRE_APPLY", MacroKind::pre_apply},
    {"post_apply", "KPATCH_POST_APPLY", MacroKind::post_apply},
    {"pre_undo", "KPATCH_PRE_UNDO", MacroKind::pre_undo},
    {"post_undo", "KPATCH_POST_UNDO", MacroKind::post_undo},
    {"ignore", "KPATCH_IGNORE", MacroKind::ignore},
    {"unsafe", "KPATCH_UNSAFE", MacroKind::unsafe},
    {"force", "KPATCH_FORCE", MacroKind::force},
}};

// One character of an assembler string behind its backslash, which `text` begins behind.
char unescape(std::string_view &text) {
  constexpr std::string_view kNames = "bfnrt";
  constexpr std::string_view kValues = "\b\f\n\r\t";
  char c = text.front();
  if (c < '0' || c > '7') {
    text.remove_prefix(1);
    size_t at = kNames.find(c);
    return at == std::string_view::npos ? c : kValues[at];
  }
  unsigned value = 0;
  for (int i = 0; i < 3 && !text.empty() && text.front() >= '0' && text.front() <= '7'; i++) {
    value = value * 8 + static_cast<unsigned>(text.front() - '0');
    text.remove_prefix(1);
  }
  return static_cast<char>(value);
}

// What the strings of `.string "a", "b"` hold.
std::string string_value(std::string_view statement) {
  std::string value;
  std::string_view text = behind_first_word(statement);
  while (!text.empty()) {
    size_t begin = text.find('"');
    if (begin == std::string_view::npos)
      break;
    text.remove_prefix(begin + 1);
    while (!text.empty() && text.front() != '"') {
      char c = text.front();
      text.remove_prefix(1);
      value += c == '\\' && !text.empty() ? unescape(text) : c;
    }
    if (!text.empty())
      text.remove_prefix(1);
  }
  return value;
}

std::string text_of(const Unit &unit, const Atom &atom) {
  std::string text;
  for (const StatementRange &range : atom.ranges)
    for (uint32_t i = range.begin; i < range.end; i++) {
      std::string_view statement = unit.statement_text(unit.statements[i]);
      if (unit.statements[i].type() == StatementKind::data &&
          (statement.starts_with(".string") || statement.starts_with(".asci")))
        text += string_value(statement);
    }
  while (!text.empty() && text.back() == '\0')
    text.pop_back();
  return text;
}

Mark mark_of(const Unit &unit, AtomId id) {
  const Atom &atom = unit.atoms[id];
  std::string_view word = unit.sections[atom.section].name.substr(
      std::min(kSectionPrefix.size(), unit.sections[atom.section].name.size()));
  const auto *known = std::find_if(kKnownMarks.begin(), kKnownMarks.end(),
                                   [&](const KnownMark &mark) { return mark.word == word; });
  uint32_t offset = unit.offset_of(id);
  if (known == kKnownMarks.end())
    throw error(ExitCode::unsupported, "{}: section .kpatch_mark.{} holds no mark that is known",
                unit.where(offset), word)
        .with_hint("kpatch.h and kpatch_gensrc are of different versions");
  if (atom.refs_begin == atom.refs_end)
    throw error(ExitCode::unsupported, "{}: {} of nothing", unit.where(offset), known->macro);
  Mark mark{known->kind, unit.refs[atom.refs_begin], text_of(unit, atom), offset};
  if (mark.kind == MacroKind::ignore && mark.text.empty())
    throw error(ExitCode::unsupported, "{}: KPATCH_IGNORE({}) gives no reason", unit.where(offset),
                unit.names.text(mark.symbol))
        .with_hint("say why its new value does not matter: it stands in the patch");
  return mark;
}

std::vector<Mark> all_marks(const Unit &unit) {
  std::vector<Mark> marks;
  for (AtomId id = 0; id < unit.atoms.size(); id++)
    if (unit.kind(id) == SectionKind::mark && unit.atoms[id].statements != 0)
      marks.push_back(mark_of(unit, id));
  return marks;
}

} // namespace

std::string_view macro_name(MacroKind kind) {
  for (const KnownMark &mark : kKnownMarks)
    if (mark.kind == kind)
      return mark.macro;
  return "the shadow table";
}

std::vector<Mark> read_marks(const Unit &original, const Unit &patched) {
  std::vector<Mark> before = all_marks(original);
  std::vector<Mark> marks = all_marks(patched);
  std::erase_if(marks, [&](const Mark &mark) {
    return std::any_of(before.begin(), before.end(), [&](const Mark &old) {
      return old.kind == mark.kind && old.symbol == mark.symbol && old.text == mark.text;
    });
  });
  // Compilers write static constants in either order.
  std::stable_sort(marks.begin(), marks.end(), [&](const Mark &a, const Mark &b) {
    return std::pair(a.kind, patched.names.text(a.symbol)) <
           std::pair(b.kind, patched.names.text(b.symbol));
  });
  return marks;
}

std::set<AtomId> forced_functions(const Unit &patched, const std::vector<Mark> &marks) {
  std::set<AtomId> forced;
  for (const Mark &mark : marks) {
    if (mark.kind != MacroKind::force && !mark.is_hook())
      continue;
    Place place = resolve(patched, mark.symbol);
    bool function = place.is_start() && patched.kind(place.atom) == SectionKind::code &&
                    patched.atoms[place.atom].leader == place.atom;
    if (!function)
      throw error(ExitCode::unsupported, "{}: {}({}): no function of this file",
                  patched.where(mark.offset), macro_name(mark.kind),
                  patched.names.text(mark.symbol))
          .with_hint("put the macro into the file that defines the function");
    forced.insert(place.atom);
  }
  return forced;
}

const Mark *ignore_mark(const Unit &patched, const std::vector<Mark> &marks, AtomId atom) {
  for (const Mark &mark : marks)
    if (mark.kind == MacroKind::ignore && resolve(patched, mark.symbol).atom == atom)
      return &mark;
  return nullptr;
}

bool is_shadow_table(std::string_view name) {
  return name == "kpatch_shadow_table_1";
}

} // namespace care::gensrc
