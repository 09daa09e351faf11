// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/alignment.h"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace care {

namespace {

std::string common(const std::string &a, const std::string &b) {
  Alignment pairs = align(a.size(), b.size(), [&](size_t i, size_t j) { return a[i] == b[j]; });
  std::string text;
  size_t last_i = 0;
  size_t last_j = 0;
  for (auto [i, j] : pairs) {
    EXPECT_EQ(a.at(i), b.at(j));
    EXPECT_TRUE(text.empty() || (i > last_i && j > last_j));
    last_i = i;
    last_j = j;
    text += a[i];
  }
  return text;
}

size_t longest(const std::string &a, const std::string &b) {
  std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1, 0));
  for (size_t i = 1; i <= a.size(); i++)
    for (size_t j = 1; j <= b.size(); j++)
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                         : std::max(table[i - 1][j], table[i][j - 1]);
  return table[a.size()][b.size()];
}

TEST(Alignment, Examples) {
  EXPECT_EQ(common("", ""), "");
  EXPECT_EQ(common("abc", "abc"), "abc");
  EXPECT_EQ(common("abc", ""), "");
  EXPECT_EQ(common("abXc", "abc"), "abc");
  EXPECT_EQ(common("abc", "aYbcZ"), "abc");
  EXPECT_EQ(common("x", "y"), "");
}

TEST(Alignment, FindsALongestCommonSubsequence) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; round++) {
    auto text = [&] {
      std::string letters(random() % 25, 'a');
      for (char &c : letters)
        c = static_cast<char>('a' + random() % 3);
      return letters;
    };
    std::string a = text();
    std::string b = text();
    EXPECT_EQ(common(a, b).size(), longest(a, b)) << a << " " << b;
  }
}

TEST(Alignment, GivesUpBetweenTheEqualEnds) {
  std::string a(5000, 'a');
  std::string b(5000, 'b');
  EXPECT_EQ(common("x" + a + "y", "x" + b + "y"), "xy");
}

} // namespace

} // namespace care
