// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/asm/uses.h"

#include "kpatch_gensrc/asm/lexer.h"

namespace care::gensrc {

namespace {

// A call or jump to the symbol itself: its operand begins with the name.
bool is_call(std::string_view text, std::string_view name) {
  std::string_view operands = text.substr(operands_offset(text));
  std::string_view words = text.substr(0, text.size() - operands.size());
  std::string_view mnemonic = words;
  while (is_prefix_word(first_word(mnemonic)) && !behind_first_word(mnemonic).empty())
    mnemonic = behind_first_word(mnemonic);
  return (mnemonic.starts_with("call") || mnemonic.starts_with("j")) && operands.starts_with(name);
}

} // namespace

bool only_called(const Unit &unit, SymId function) {
  std::string_view name = unit.names.text(function);
  for (const Statement &statement : unit.statements) {
    if (statement.type() != StatementKind::instruction && statement.type() != StatementKind::data)
      continue;
    std::string_view text = unit.statement_text(statement);
    if (text.find(name) == text.npos)
      continue;
    bool used = false;
    for_each_symbol(
        text, [&](size_t begin, size_t length) { used |= text.substr(begin, length) == name; });
    if (used && (statement.type() == StatementKind::data || !is_call(text, name)))
      return false;
  }
  return true;
}

} // namespace care::gensrc
