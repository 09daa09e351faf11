// SPDX-License-Identifier: GPL-2.0-or-later
//
// How the lines of a patched source are numbered.
#include <gtest/gtest.h>

#include <set>

#include "kpatch_cc/line_map.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"

namespace care::cc {
namespace {

// The numbers of lines 1, 2, 3...
std::vector<uint32_t> numbers(const LineMap &map, uint32_t lines) {
  std::vector<uint32_t> result;
  for (uint32_t line = 1; line <= lines; line++)
    result.push_back(map.number_of(line));
  return result;
}

using Numbers = std::vector<uint32_t>;

TEST(LineMap, OfEqualFilesIsTheIdentity) {
  LineMap map("", 3);
  EXPECT_TRUE(map.identity());
  EXPECT_EQ(numbers(map, 4), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(map.original_lines(), 3U);
}

TEST(LineMap, ReplacedLinesTakeTheNumbersOfWhatTheyReplace) {
  EXPECT_TRUE(LineMap("2c2\n< f();\n---\n> g();\n", 3).identity());
  EXPECT_TRUE(LineMap("1,2c1,2\n", 3).identity());
}

// The example of the header.
TEST(LineMap, AddedLinesComeBehindTheOriginal) {
  LineMap map("2c2,3\n< f();\n---\n> g();\n> h();\n", 3);
  EXPECT_FALSE(map.identity());
  EXPECT_EQ(numbers(map, 4), (Numbers{1, 2, 4, 3}));
}

TEST(LineMap, InsertedLinesLeaveTheOthersTheirNumbers) {
  EXPECT_EQ(numbers(LineMap("0a1,2\n", 2), 4), (Numbers{3, 4, 1, 2}));
  EXPECT_EQ(numbers(LineMap("1a2,3\n", 2), 4), (Numbers{1, 3, 4, 2}));
  EXPECT_EQ(numbers(LineMap("2a3\n", 2), 3), (Numbers{1, 2, 3}));
}

TEST(LineMap, RemovedLinesLeaveTheirNumbersUnused) {
  EXPECT_EQ(numbers(LineMap("2,3d1\n", 4), 2), (Numbers{1, 4}));
  EXPECT_EQ(numbers(LineMap("1d0\n", 3), 2), (Numbers{2, 3}));
  EXPECT_EQ(numbers(LineMap("1,3c1\n", 4), 2), (Numbers{1, 4}));
}

TEST(LineMap, GoesBothWays) {
  LineMap map("1a2,4\n3,4d5\n6c7,9\n8a12\n", 9);
  std::set<uint32_t> seen;
  for (uint32_t line = 1; line <= 13; line++) {
    uint32_t number = map.number_of(line);
    EXPECT_EQ(map.line_of(number), line);
    EXPECT_TRUE(seen.insert(number).second) << "two lines have the number " << number;
  }
  EXPECT_EQ(numbers(map, 13), (Numbers{1, 10, 11, 12, 2, 5, 6, 13, 14, 7, 8, 15, 9}));
}

// gcc writes markers for it.
TEST(LineMap, LeavesLineZero) {
  EXPECT_EQ(LineMap("0a1\n", 2).number_of(0), 0U);
}

TEST(LineMap, RefusesWhatIsNoDiff) {
  for (const char *text : {"1x2\n", "12\n", "1,a2\n", "99999999999a1\n"})
    EXPECT_THROW(LineMap(text, 2), Error) << text;
}

TEST(LineMap, AsksDiff) {
  TempFolder folder;
  std::string original = folder / "a.c", patched = folder / "-b.c";
  write_file(original, "one\ntwo\nthree\n");
  write_file(patched, "one\nnew\n2\nthree\n");
  LineMap map = LineMap::between(original, patched);
  // The last number is that of a line behind the last newline.
  EXPECT_EQ(map.original_lines(), 4U);
  EXPECT_EQ(numbers(map, 4), (Numbers{1, 2, 5, 3}));
  EXPECT_TRUE(LineMap::between(original, original).identity());
  EXPECT_THROW(LineMap::between(original, folder / "none"), Error);
}

} // namespace
} // namespace care::cc
