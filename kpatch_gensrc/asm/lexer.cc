// SPDX-License-Identifier: GPL-2.0-or-later
//
// The scanner works on a table of character classes: most of a large file is
// skipped one character at a time, and this loop is where the time goes.
#include "kpatch_gensrc/asm/lexer.h"

#include <algorithm>

namespace care::gensrc {

namespace {

enum : uint8_t { kName = 1, kStart = 2, kStop = 4, kDigit = 8 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; c++)
    classes[c] = kName | kStart;
  for (int c = 'A'; c <= 'Z'; c++)
    classes[c] = kName | kStart;
  for (int c = '0'; c <= '9'; c++)
    classes[c] = kName | kDigit;
  for (int c = 128; c < 256; c++) // UTF-8 identifiers
    classes[c] = kName | kStart;
  classes['_'] = classes['.'] = kName | kStart;
  classes['$'] = kName;
  for (char c : {'\n', ';', '#', '"', '/', '\''})
    classes[static_cast<uint8_t>(c)] |= kStop;
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = make_classes();

uint8_t class_of(char c) {
  return kClasses[static_cast<uint8_t>(c)];
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

// Behind the string that begins at `at`.
size_t skip_string(std::string_view text, size_t at) {
  for (at++; at < text.size() && text[at] != '"'; at++)
    if (text[at] == '\\')
      at++;
  return std::min(at + 1, text.size());
}

// Behind the comment that begins at `at`.
size_t skip_comment(std::string_view text, size_t at) {
  size_t end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

bool at_comment(std::string_view text, size_t at) {
  return text[at] == '/' && at + 1 < text.size() && text[at + 1] == '*';
}

// Behind a character constant: 'a  'a'  '\n
size_t skip_character(std::string_view text, size_t at) {
  at += at + 1 < text.size() && text[at + 1] == '\\' ? 3 : 2;
  if (at < text.size() && text[at] == '\'')
    at++;
  return std::min(at, text.size());
}

// `.LASF12:` and nothing else.
bool is_local_label_line(std::string_view line) {
  return line.starts_with(".L") && line.ends_with(':') &&
         std::all_of(line.begin() + 2, line.end() - 1, [](char c) { return class_of(c) & kName; });
}

// One statement, as compilers write it; a string must end on its line.
bool is_data_line(std::string_view line) {
  constexpr std::array<std::string_view, 9> kNumbers = {
      "\t.long\t",   "\t.byte\t",  "\t.uleb128 ",  "\t.value\t",  "\t.quad\t",
      "\t.sleb128 ", "\t.short\t", "\t.uleb128\t", "\t.sleb128\t"};
  constexpr std::array<std::string_view, 3> kStrings = {"\t.string\t", "\t.ascii\t", "\t.asciz\t"};
  auto begins = [&](std::string_view word) { return line.starts_with(word); };
  bool data = std::any_of(kNumbers.begin(), kNumbers.end(), begins) ||
              (line.ends_with('"') && std::any_of(kStrings.begin(), kStrings.end(), begins));
  return data && line.find(';') == line.npos && line.find("/*") == line.npos;
}

} // namespace

bool is_name_char(char c) {
  return class_of(c) & kName;
}
bool is_name_start(char c) {
  return class_of(c) & kStart;
}

void StatementReader::skip_line() {
  size_t end = text_.find('\n', at_);
  at_ = end == std::string_view::npos ? text_.size() : end;
}

void StatementReader::skip_to_statement() {
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c == '\n') {
      line_start_ = true;
      at_++;
    } else if (is_blank(c) || c == ';') {
      at_++;
    } else if (at_comment(text_, at_)) {
      at_ = skip_comment(text_, at_);
    } else if (c == '#' || (c == '/' && line_start_)) {
      skip_line();
    } else {
      return;
    }
  }
}

// Leaves at_ behind the statement.
size_t StatementReader::end_of_statement() {
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (!(class_of(c) & kStop)) {
      at_++;
    } else if (c == '"') {
      at_ = skip_string(text_, at_);
    } else if (c == '\'') {
      at_ = skip_character(text_, at_);
    } else if (c == '/') {
      at_ = at_comment(text_, at_) ? skip_comment(text_, at_) : at_ + 1;
    } else {
      break;
    }
  }
  size_t end = at_;
  if (at_ < text_.size() && text_[at_] == '#')
    skip_line();
  return end;
}

bool StatementReader::next(std::string_view &statement) {
  skip_to_statement();
  if (at_ >= text_.size())
    return false;
  line_start_ = false;
  size_t begin = at_;
  size_t end = end_of_statement();
  while (end > begin && is_blank(text_[end - 1]))
    end--;
  statement = text_.substr(begin, end - begin);
  return true;
}

void StatementReader::skip_data_lines() {
  while (at_ < text_.size() && text_[at_] == '\n') {
    std::string_view line = text_.substr(at_ + 1);
    line = line.substr(0, line.find('\n'));
    if (!is_local_label_line(line) && !is_data_line(line))
      return;
    at_ += 1 + line.size();
  }
}

size_t label_length(std::string_view statement, size_t &behind) {
  size_t at = 0;
  if (statement.empty())
    return 0;
  if (statement[0] == '"')
    at = skip_string(statement, 0);
  else
    while (at < statement.size() && is_name_char(statement[at]))
      at++;
  size_t length = at;
  while (at < statement.size() && is_blank(statement[at]))
    at++;
  if (length == 0 || at >= statement.size() || statement[at] != ':')
    return 0;
  for (at++; at < statement.size() && is_blank(statement[at]);)
    at++;
  behind = at;
  return length;
}

std::string_view first_word(std::string_view statement) {
  size_t end = 0;
  while (end < statement.size() && !is_blank(statement[end]))
    end++;
  return statement.substr(0, end);
}

std::string_view behind_first_word(std::string_view statement) {
  size_t at = first_word(statement).size();
  while (at < statement.size() && is_blank(statement[at]))
    at++;
  return statement.substr(at);
}

std::string_view next_argument(std::string_view &arguments) {
  size_t at = 0;
  int depth = 0;
  while (at < arguments.size() && (depth > 0 || arguments[at] != ',')) {
    char c = arguments[at];
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    at = c == '"' ? skip_string(arguments, at) : at + 1;
  }
  std::string_view argument = arguments.substr(0, at);
  arguments.remove_prefix(std::min(at + 1, arguments.size()));
  while (!argument.empty() && is_blank(argument.front()))
    argument.remove_prefix(1);
  while (!argument.empty() && is_blank(argument.back()))
    argument.remove_suffix(1);
  return argument;
}

bool is_prefix_word(std::string_view word) {
  static constexpr std::string_view kPrefixes[] = {
      "lock",   "rep",    "repe",   "repz",     "repne",    "repnz",  "notrack", "bnd",
      "data16", "addr32", "data32", "xacquire", "xrelease", "cs",     "ds",      "es",
      "fs",     "gs",     "ss",     "rex64",    "{vex}",    "{evex}", "{vex3}"};
  if (word.empty() || word.size() > 8 || word[0] == 'm' || word[0] == '.')
    return false;
  return std::find(std::begin(kPrefixes), std::end(kPrefixes), word) != std::end(kPrefixes);
}

size_t operands_offset(std::string_view statement) {
  size_t at = 0;
  for (;;) {
    std::string_view word = first_word(statement.substr(at));
    bool prefix = is_prefix_word(word);
    at += word.size();
    while (at < statement.size() && is_blank(statement[at]))
      at++;
    if (!prefix || at >= statement.size())
      return at;
  }
}

SymbolSpan next_symbol(std::string_view statement, size_t at) {
  size_t size = statement.size();
  while (at < size) {
    char c = statement[at];
    uint8_t kind = class_of(c);
    if (kind & (kStart | kDigit)) {
      size_t begin = at;
      for (at++; at < size && is_name_char(statement[at]);)
        at++;
      if ((kind & kStart) && !(c == '.' && at - begin == 1))
        return {begin, at - begin};
    } else if (c == '%' || c == '@') {
      for (at++; at < size && is_name_char(statement[at]);)
        at++;
    } else if (c == '{') {
      at = std::min(statement.find('}', at), size - 1) + 1;
    } else if (c == '"') {
      size_t end = skip_string(statement, at);
      return {at, end - at};
    } else if (c == '\'') {
      at = skip_character(statement, at);
    } else {
      at = at_comment(statement, at) ? skip_comment(statement, at) : at + 1;
    }
  }
  return {};
}

} // namespace care::gensrc
