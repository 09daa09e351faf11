// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/lines.h"

#include <gtest/gtest.h>

namespace care {
namespace {

using namespace std::string_view_literals;
using Lines = std::vector<std::string_view>;

TEST(Lines, AreWithoutTheirEnds) {
  EXPECT_EQ(lines_of("a\nb\n"sv), (Lines{"a", "b"}));
  EXPECT_EQ(lines_of("\n\na\n"sv), (Lines{"", "", "a"}));
}

TEST(Lines, LastNeedsNoEnd) {
  EXPECT_EQ(lines_of("a\nb"sv), (Lines{"a", "b"}));
}

TEST(Lines, OfNothing) {
  EXPECT_TRUE(lines_of(""sv).empty());
}

TEST(Lines, PointIntoTheText) {
  std::string_view text = "one\ntwo\n";
  EXPECT_EQ(lines_of(text)[1].data(), text.data() + 4);
}

} // namespace
} // namespace care
