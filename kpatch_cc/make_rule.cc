// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/make_rule.h"

#include <algorithm>

namespace care::cc {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  std::optional<MakeRule> read() {
    while (!rest_.empty()) {
      char c = rest_[0];
      if (c == '\n')
        return finish();
      if (c == '\\')
        backslashes();
      else if (is_blank(c))
        end_word(1);
      else if (c == ':' && !behind_colon_ && ends_targets())
        end_targets();
      else
        take(1, rest_.starts_with("$$") ? 2 : 1);
    }
    return std::nullopt;
  }

 private:
  // Reads a run of backslashes with the character that it quotes.
  void backslashes() {
    size_t count = std::min(rest_.find_first_not_of('\\'), rest_.size());
    char next = count < rest_.size() ? rest_[count] : '\0';
    if (next == '#') {
      take(count - 1, count);
      take(1, 1);
    } else if (is_blank(next) || next == '\n') {
      take(count / 2, count);
      if (count % 2 != 0 && next == '\n')
        end_word(1);
      else if (count % 2 != 0)
        take(1, 1);
    } else {
      take(count, count);
    }
  }

  bool ends_targets() const {
    std::string_view behind = rest_.substr(1);
    return behind.starts_with(' ') || behind.starts_with('\t') || behind.starts_with('\n') ||
           behind.starts_with("\\\n");
  }

  void end_targets() {
    end_word(1);
    rule_.targets = std::move(words_);
    words_.clear();
    behind_colon_ = true;
  }

  std::optional<MakeRule> finish() {
    end_word(1);
    if (!behind_colon_)
      return std::nullopt;
    rule_.prerequisites = std::move(words_);
    return std::move(rule_);
  }

  // `kept` characters become part of the word; `read` characters are consumed.
  void take(size_t kept, size_t read) {
    word_ += rest_.substr(0, kept);
    rest_.remove_prefix(read);
  }

  void end_word(size_t read) {
    if (!word_.empty())
      words_.push_back(std::move(word_));
    word_.clear();
    rest_.remove_prefix(read);
  }

  std::string_view rest_;
  std::string word_;
  std::vector<std::string> words_;
  bool behind_colon_ = false;
  MakeRule rule_;
};

} // namespace

std::optional<MakeRule> first_make_rule(std::string_view text) {
  return RuleReader(text).read();
}

} // namespace care::cc
