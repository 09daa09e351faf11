// SPDX-License-Identifier: GPL-2.0-or-later
//
// The call sequences are those of "ELF Handling For Thread-Local Storage" and of the
// x86-64 psABI, as gcc and clang write them: the lea, prefixes that pad the call so
// that the linker can replace it (data16, .value 0x6666, rex64), and the call.
#include "kpatch_gensrc/emit/tls_access.h"

#include <algorithm>
#include <cctype>

#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

constexpr std::string_view kModuleBase = "_TLS_MODULE_BASE_";

// SYMBOL@OPERATOR in an instruction.
struct Operand {
  size_t begin = 0;
  size_t end = 0; // behind the operator; 0: there is none
  std::string symbol;
  std::string op; // small letters: gcc writes @tpoff, clang @TPOFF
};

bool is_tls_operator(std::string_view op) {
  static constexpr std::string_view kOperators[] = {"tpoff",  "gottpoff", "tlsgd",  "tlsld",
                                                    "dtpoff", "tlsdesc",  "tlscall"};
  return std::find(std::begin(kOperators), std::end(kOperators), op) != std::end(kOperators);
}

// The first thread-local operand at or after `at`.
Operand next_operand(std::string_view text, size_t at) {
  for (SymbolSpan span = next_symbol(text, at); span.length != 0;
       span = next_symbol(text, span.begin + span.length)) {
    size_t end = span.begin + span.length;
    if (end >= text.size() || text[end] != '@')
      continue;
    Operand found{span.begin, end + 1, std::string(text.substr(span.begin, span.length)), {}};
    for (; found.end < text.size() && isalpha(static_cast<unsigned char>(text[found.end]));
         found.end++)
      found.op += static_cast<char>(tolower(static_cast<unsigned char>(text[found.end])));
    if (is_tls_operator(found.op))
      return found;
  }
  return {};
}

std::string_view last_operand(std::string_view text) {
  std::string_view rest = text.substr(operands_offset(text));
  std::string_view last;
  while (!rest.empty())
    last = next_argument(rest);
  return last;
}

} // namespace

TlsAccess::TlsAccess(const Unit &unit, AtomId leader, Targets &targets)
    : unit_(unit), targets_(targets) {
  for (AtomId id = leader; id != kNone; id = unit.atoms[id].next_in_group)
    for (const StatementRange &range : unit.atoms[id].ranges)
      for (uint32_t i = range.begin; i < range.end; i++)
        if (unit.statements[i].type() == StatementKind::instruction)
          look_at(unit.statement_text(unit.statements[i]));
}

void TlsAccess::look_at(std::string_view text) {
  if (text.find('@') == std::string_view::npos)
    return;
  for (Operand operand = next_operand(text, operands_offset(text)); operand.end != 0;
       operand = next_operand(text, operand.end)) {
    SymId symbol = unit_.names.find(operand.symbol);
    AtomId atom = symbol == kNone ? kNone : targets_.new_tls(symbol);
    if (atom != kNone)
      new_variables_.emplace(targets_.emitted_name(atom), atom);
    if (operand.op != "dtpoff")
      continue;
    if (atom != kNone)
      new_by_distance_ = true;
    else
      old_by_distance_ = operand.symbol;
  }
}

bool TlsAccess::swallow(const Statement &statement) {
  if (!in_call_)
    return false;
  std::string_view text = unit_.statement_text(statement);
  bool padding = statement.type() == StatementKind::data || is_prefix_word(text);
  bool call = text.find("__tls_get_addr") != std::string_view::npos;
  if (!padding && !call)
    throw error(ExitCode::unsupported,
                "{}: {}: unknown call sequence for a new thread-local variable",
                unit_.where(statement.begin), text);
  in_call_ = !call;
  return true;
}

bool TlsAccess::replace(const std::string &text, std::string &out) {
  Operand operand = next_operand(text, operands_offset(text));
  if (operand.end == 0)
    return false;
  auto variable = new_variables_.find(operand.symbol);
  bool is_new = variable != new_variables_.end();
  bool base_is_thread = new_by_distance_ && old_by_distance_.empty();
  auto slot = [&] { return targets_.tls_slot(variable->second, false); };
  if (operand.op == "tlsgd" && is_new) {
    out += fmt::format("\tmovq\t%fs:0, %rax\n\taddq\t{}(%rip), %rax\n", slot());
    in_call_ = true;
  } else if (operand.op == "tlsld" && base_is_thread) {
    out += "\tmovq\t%fs:0, %rax\n";
    in_call_ = true;
  } else if (operand.op == "tlsld" && is_new && !old_by_distance_.empty()) {
    // Any variable of the module stands for it.
    out += '\t' + text.substr(0, operand.begin) + old_by_distance_ +
           text.substr(operand.begin + operand.symbol.size()) + '\n';
  } else if (operand.op == "tlsdesc" && is_new) {
    out += fmt::format("\tmovq\t{}(%rip), {}\n", slot(), last_operand(text));
  } else if (operand.op == "tlsdesc" && operand.symbol == kModuleBase && base_is_thread) {
    out += fmt::format("\tmovq\t$0, {}\n", last_operand(text));
  } else {
    return operand.op == "tlscall" && (is_new || (operand.symbol == kModuleBase && base_is_thread));
  }
  return true;
}

std::string TlsAccess::rewrite(std::string text, ValueSlots &slots) {
  if (new_variables_.empty())
    return text;
  for (Operand operand = next_operand(text, operands_offset(text)); operand.end != 0;) {
    auto variable = new_variables_.find(operand.symbol);
    if (variable == new_variables_.end()) {
      operand = next_operand(text, operand.end);
      continue;
    }
    bool distance = operand.op == "dtpoff" && !old_by_distance_.empty();
    std::string slot = targets_.tls_slot(variable->second, distance);
    if (operand.op == "tpoff" || operand.op == "dtpoff")
      slots[slot] = slot + "(%rip)";
    else if (operand.op != "gottpoff")
      throw error(ExitCode::unsupported, "cannot rewrite {}", text);
    text.replace(operand.begin, operand.end - operand.begin, slot);
    operand = next_operand(text, operand.begin + slot.size());
  }
  return text;
}

} // namespace care::gensrc
