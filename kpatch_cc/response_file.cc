// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/response_file.h"

#include <sys/stat.h>

#include "lib/base/fd.h"

namespace care::cc {

namespace {

// A response file that names itself would never end; GNU stops at 2000 files.
constexpr int kMaxDepth = 64;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

void expand_into(std::vector<std::string> &out, const std::vector<std::string> &arguments,
                 int depth) {
  for (const std::string &argument : arguments) {
    struct stat st {};
    if (argument.size() < 2 || argument[0] != '@' || depth >= kMaxDepth ||
        stat(argument.c_str() + 1, &st) != 0 || !S_ISREG(st.st_mode))
      out.push_back(argument);
    else
      expand_into(out, split_response(read_file(argument.substr(1))), depth + 1);
  }
}

} // namespace

std::vector<std::string> split_response(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      in_word = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (!is_space(c)) {
      word += c;
      in_word = true;
    } else if (in_word) {
      words.push_back(std::move(word));
      word.clear();
      in_word = false;
    }
  }
  if (in_word)
    words.push_back(std::move(word));
  return words;
}

std::vector<std::string> expand_responses(const std::vector<std::string> &arguments) {
  std::vector<std::string> out;
  expand_into(out, arguments, 0);
  return out;
}

} // namespace care::cc
