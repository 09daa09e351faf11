// SPDX-License-Identifier: GPL-2.0-or-later
//
// Hunks that patch(1) would put into the wrong one of several similar functions.
#include "kpatch_make/sources/hunk_places.h"

#include <gtest/gtest.h>

namespace care::make {
namespace {

constexpr const char *kFile = "int get(f)\n    int f;\n{\n    check(f);\n    use(f);\n}\n\n"
                              "int unget(f)\n    int f;\n{\n    check(f);\n    use(f);\n}\n";

std::string hunk(int line, const std::string &heading) {
  return "--- a/x.c\n+++ b/x.c\n@@ -" + std::to_string(line) + ",3 +" + std::to_string(line) +
         ",4 @@" + heading + "\n {\n     check(f);\n+    look(f);\n     use(f);\n-- \n2.40\n";
}

std::vector<HunkDoubt> doubts(int line, const std::string &heading, long offset) {
  return doubts_of(hunk(line, heading), kFile, {{"x.c", 1, offset, 0}});
}

TEST(HunkPlaces, AreReadFromPatch) {
  std::vector<MovedHunk> moved =
      moved_hunks("checking file a.c\nHunk #2 succeeded at 490 (offset 44 lines).\n"
                  "patching file 'b c'\nHunk #1 succeeded at 5 with fuzz 2 (offset -1 lines).\n"
                  "Hunk #3 succeeded at 9 with fuzz 1.\nHunk #4 FAILED at 3.\n");
  ASSERT_EQ(moved.size(), 3U);
  EXPECT_EQ(moved[0].file, "a.c");
  EXPECT_EQ(moved[0].number, 2U);
  EXPECT_EQ(moved[0].offset, 44);
  EXPECT_EQ(moved[1].file, "b c");
  EXPECT_EQ(moved[1].fuzz, 2U);
  EXPECT_EQ(moved[1].offset, -1);
  EXPECT_EQ(moved[2].offset, 0);
}

TEST(HunkPlaces, WrongFunction) {
  std::vector<HunkDoubt> found = doubts(5, " int unget(int f) {", -2);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].wrong);
  EXPECT_EQ(found[0].text, "x.c: hunk 1 (for unget, at line 5) goes in at line 3 (get), but its "
                           "old lines stand at line 10 (unget), too");
}

TEST(HunkPlaces, RightFunction) {
  EXPECT_TRUE(doubts(5, " int get(int f)", -2).empty());
  EXPECT_TRUE(doubts(8, " int unget(int f)", 2).empty());
}

TEST(HunkPlaces, WhatCannotBeTold) {
  for (const char *heading : {"", " int other(int f)"}) {
    std::vector<HunkDoubt> found = doubts(5, heading, -2);
    ASSERT_EQ(found.size(), 1U) << heading;
    EXPECT_FALSE(found[0].wrong);
  }
}

TEST(HunkPlaces, OnePlaceIsNoDoubt) {
  std::string part = "@@ -9,2 +9,2 @@ int other(int f)\n int get(f)\n-    int f;\n+    long f;\n";
  EXPECT_TRUE(doubts_of(part, kFile, {{"x.c", 1, -8, 0}}).empty());
}

TEST(HunkPlaces, WithFuzz) {
  std::string part = "@@ -4,4 +4,5 @@ int unget(int f)\n {X\n     check(f);\n+    look(f);\n"
                     "     use(f);\n }\n";
  std::vector<HunkDoubt> found = doubts_of(part, kFile, {{"x.c", 1, -1, 1}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].wrong);
}

} // namespace
} // namespace care::make
