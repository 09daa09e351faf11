// SPDX-License-Identifier: GPL-2.0-or-later
// Templates, lambdas, statics and exceptions, on our own assembly reader.
#include <cassert>
#include <fmt/core.h>
#include <functional>
#include <map>
#include <string>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/asm/names.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace {

template<typename Key>
class Counter {
 public:
  void add(const Key &key) {
    static const std::function<size_t(size_t)> next = [](size_t n) { return n + 1; };
    assert(counts_.size() < 1'000'000);
    counts_[key] = next(counts_[key]);
  }
  const std::map<Key, size_t> &counts() const { return counts_; }

 private:
  std::map<Key, size_t> counts_;
};

} // namespace

int main(int argc, char **argv) {
  Counter<std::string> words;
  Counter<size_t> lengths;
  care::gensrc::Names names;
  try {
    std::string text = care::read_file(argc > 1 ? argv[1] : "/dev/null");
    care::gensrc::StatementReader reader(text);
    for (std::string_view statement; reader.next(statement);) {
      words.add(std::string(care::gensrc::first_word(statement)));
      lengths.add(statement.size());
      care::gensrc::for_each_symbol(statement, [&](size_t at, size_t n) {
        assert(n > 0);
        names.id(statement.substr(at, n));
      });
    }
  } catch (const care::Error &e) {
    fmt::print(stderr, "{} at {}\n", e.message(), __LINE__);
    return 1;
  }
  for (const auto &[word, count] : words.counts())
    fmt::print("{} {}\n", word, count);
  return names.size() == __LINE__;
}
