// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/response_file.h"

#include <algorithm>
#include <sys/stat.h>
#include <utility>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care::cc {

namespace {

// libiberty's expandargv() expands this number of files, then it ends with an error.
constexpr int kMostFiles = 2000;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class Expansion {
 public:
  void expand(const std::vector<std::string> &arguments) {
    for (const std::string &argument : arguments) {
      struct stat st {};
      if (argument.size() < 2 || argument[0] != '@' || stat(argument.c_str() + 1, &st) != 0 ||
          !S_ISREG(st.st_mode))
        words_.push_back(argument);
      else
        expand_file(argument.substr(1), {st.st_dev, st.st_ino});
    }
  }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  using FileId = std::pair<dev_t, ino_t>;

  void expand_file(const std::string &path, const FileId &id) {
    if (std::find(open_.begin(), open_.end(), id) != open_.end())
      throw error("response file {} leads back to itself", path);
    if (++files_ == kMostFiles)
      throw error("response file {}: more than {} of them are named", path, kMostFiles - 1);
    open_.push_back(id);
    expand(split_response(read_file(path)));
    open_.pop_back();
  }

  std::vector<std::string> words_;
  std::vector<FileId> open_; // the current file, and those that lead to it
  int files_ = 0;
};

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
  Expansion expansion;
  expansion.expand(arguments);
  return expansion.take();
}

} // namespace care::cc
