// SPDX-License-Identifier: GPL-2.0-or-later
//
// A fix, file by file.
#include "kpatch_make/sources/fix_parts.h"

#include <gtest/gtest.h>

namespace care::make {
namespace {

std::vector<std::string> files_of(const std::string &fix) {
  std::vector<std::string> files;
  std::string whole;
  for (const FixPart &part : split_fix(fix)) {
    files.push_back(part.file + (part.binary ? " binary" : "") + (part.creates ? " new" : ""));
    whole += part.text;
  }
  EXPECT_EQ(whole, fix);
  return files;
}

using Files = std::vector<std::string>;

TEST(FixParts, OfGit) {
  EXPECT_EQ(files_of("From 123\nSubject: x\n---\n a.c | 2 +-\n\n"
                     "diff --git a/lib/a.c b/lib/a.c\nindex 1..2 100644\n--- a/lib/a.c\n"
                     "+++ b/lib/a.c\n@@ -1 +1 @@\n-a\n+b\n"
                     "diff --git a/t/na me b/t/na me\nnew file mode 100644\nindex 0..1\n"
                     "GIT binary patch\nliteral 3\nKcmZQz\n\nliteral 0\nHcmV?d00001\n\n"
                     "diff --git a/gone.c b/gone.c\ndeleted file mode 100644\n--- a/gone.c\n"
                     "+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
                     "diff --git a/new.c b/new.c\nnew file mode 100644\n--- /dev/null\n"
                     "+++ b/new.c\n@@ -0,0 +1 @@\n+x\n-- \n2.40\n"),
            (Files{"", "lib/a.c", "t/na me binary new", "gone.c", "new.c new"}));
}

TEST(FixParts, OfQuiltSubversionAndDiff) {
  EXPECT_EQ(files_of("why\n\nIndex: p-1/a.c\n=====\n--- p-1.orig/a.c\n+++ p-1/a.c\n"
                     "@@ -1 +1 @@\n-a\n+b\nIndex: p-1/b.c\n=====\n--- p-1.orig/b.c\n"
                     "+++ p-1/b.c\n@@ -1 +1 @@\n-a\n+b"),
            (Files{"", "a.c", "b.c"}));
  EXPECT_EQ(files_of("--- a/a.c\t2020-01-01\n+++ b/a.c\t2020-01-02\n@@ -1 +1 @@\n-a\n+b\n"
                     "--- a/b.c\n+++ b/b.c\n@@ -1 +1 @@\n-a\n+b\n"),
            (Files{"", "a.c", "b.c"}));
}

TEST(FixParts, CountsLinesSinceRemovedOnesMayLookLikeNames) {
  EXPECT_EQ(files_of("--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1,2 @@\n--- one\n-- two\n+++ three\n+x\n"
                     "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-a\n+b\n"),
            (Files{"", "a.sql", "b"}));
  EXPECT_EQ(files_of("--- a/a.sql\r\n+++ b/a.sql\r\n@@ -1,2 +1,2 @@\r\n\r\n--- one\r\n"
                     "+++ two\r\n"),
            (Files{"", "a.sql"}));
}

TEST(FixParts, OtherFormsAreOnePart) {
  EXPECT_EQ(files_of("*** a/x\n--- b/x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n"),
            (Files{""}));
  EXPECT_EQ(files_of(""), (Files{""}));
}

TEST(FixParts, AreSkippedByFileFolderAndPattern) {
  EXPECT_TRUE(is_skipped("tests/a.c", {"tests"}));
  EXPECT_TRUE(is_skipped("tests/a.c", {"x", "tests/"}));
  EXPECT_TRUE(is_skipped("NEWS", {"NEWS"}));
  EXPECT_TRUE(is_skipped("tests/deep/a.bin", {"tests/*.bin"}));
  EXPECT_FALSE(is_skipped("tests2/a.c", {"tests"}));
  EXPECT_FALSE(is_skipped("a.c", {"", "/"}));
}

TEST(HunkHead, HasCountsAndHeading) {
  std::optional<HunkHead> head = read_hunk_head("@@ -7,3 +9 @@ int f(void)\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->line, 7);
  EXPECT_EQ(head->old_count, 3);
  EXPECT_EQ(head->new_count, 1);
  EXPECT_EQ(head->heading, "int f(void)");
  EXPECT_EQ(read_hunk_head("@@ -1 +1,2 @@")->old_count, 1);
  for (const char *none : {"", "@@", "@@ -x +1 @@", "@@ -1,2", "-@@ -1 +1 @@",
                           "@@ -1,99999999999999999999 +1 @@", "@@ -1,-5 +1 @@"})
    EXPECT_FALSE(read_hunk_head(none)) << none;
}

} // namespace
} // namespace care::make
