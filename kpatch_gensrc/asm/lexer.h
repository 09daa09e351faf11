// SPDX-License-Identifier: GPL-2.0-or-later
//
// The lexical side of GNU assembly, AT&T syntax, x86-64.
//
// Two views of the text: a StatementReader cuts it into statements, and
// for_each_symbol() finds the symbols among a statement's operands. Neither
// copies anything nor knows what a statement means.
//
// Syntax after the gas manual, "Syntax": statements end at a newline or `;`,
// `#` begins a comment, at the start of a line `/` does as well, and /* */ may
// stand anywhere a blank may.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace care::gensrc {

// A character that may stand inside a symbol name.
bool is_name_char(char c);
// One that may begin it.
bool is_name_start(char c);

class StatementReader {
 public:
  explicit StatementReader(std::string_view text) : text_(text) {}
  // The next statement without blanks around it and without the comment behind
  // it; labels in front of an instruction are still part of it. False at the end.
  bool next(std::string_view &statement);
  // Passes the lines that follow as long as each is a label of the compiler's or a single
  // statement that lays down data: most of a debug section, where nobody asks.
  void skip_data_lines();

 private:
  void skip_to_statement();
  void skip_line();
  size_t end_of_statement();

  std::string_view text_;
  size_t at_ = 0;
  bool line_start_ = true;
};

// Length of the label at the start of `statement`, without its colon; 0 when
// there is none. `behind` is where the rest begins.
size_t label_length(std::string_view statement, size_t &behind);

// The first word: a mnemonic or a directive.
std::string_view first_word(std::string_view statement);

// What stands behind the first word, blanks skipped.
std::string_view behind_first_word(std::string_view statement);

// Cuts the next comma-separated argument from `arguments`, blanks trimmed.
// Commas in strings and in parentheses do not count.
std::string_view next_argument(std::string_view &arguments);

// True for lock, rep, notrack and what else may stand before a mnemonic.
bool is_prefix_word(std::string_view word);

// Length of the words in front of the operands: prefixes and mnemonic, or directive.
size_t operands_offset(std::string_view statement);

// Position and length of the next symbol at or after `at` in an operand list;
// length 0 when there is none. Registers, numbers, numeric labels (1b), strings
// in data, relocation operators (@PLT) and `.` are no symbols.
struct SymbolSpan {
  size_t begin = 0;
  size_t length = 0;
};
SymbolSpan next_symbol(std::string_view statement, size_t at);

// Calls use(begin, length) for each symbol of the statement.
template<typename Use>
void for_each_symbol(std::string_view statement, Use &&use) {
  for (SymbolSpan span = next_symbol(statement, operands_offset(statement)); span.length != 0;
       span = next_symbol(statement, span.begin + span.length))
    use(span.begin, span.length);
}

} // namespace care::gensrc
