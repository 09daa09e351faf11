// SPDX-License-Identifier: GPL-2.0-or-later
//
// Taking patches of debian/patches off a tree.
#include "kpatch_make/deb/patch_series.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

TEST(PatchSeries, IsReadWithoutCommentsAndOptions) {
  EXPECT_EQ(parse_series("# first\na.patch\n\n  sub/b.diff -p1 # why\n#c.patch\nd.patch"),
            (Names{"a.patch", "sub/b.diff", "d.patch"}));
  EXPECT_TRUE(parse_series("").empty());
}

TEST(PatchSeries, LosesOnlyWhatIsTakenOff) {
  EXPECT_EQ(series_without("# one\na.patch\nb.patch -p1\nc.patch", {"b.patch"}),
            "# one\na.patch\nc.patch\n");
}

TEST(PatchSeries, FindsAPatchByTheNameThatOneWouldType) {
  Names series = {"CVE-1.patch", "sec/CVE-2.diff", "CVE-3"};
  EXPECT_EQ(find_in_series(series, "CVE-1.patch"), "CVE-1.patch");
  EXPECT_EQ(find_in_series(series, "CVE-1"), "CVE-1.patch");
  EXPECT_EQ(find_in_series(series, "CVE-2.diff"), "sec/CVE-2.diff");
  EXPECT_EQ(find_in_series(series, "CVE-2"), "sec/CVE-2.diff");
  EXPECT_EQ(find_in_series(series, "CVE-3"), "CVE-3");
  EXPECT_EQ(find_in_series(series, "CV"), "");
  EXPECT_EQ(find_in_series({}, "CVE"), "");
  EXPECT_THROW(find_in_series({"a/x.patch", "b/x.patch"}, "x"), Error);
}

TEST(PatchSeries, FindsAPatchByWholeWordsOfItsName) {
  Names series = {"07-CVE-1_CVE-2.patch", "CVE-12/01.patch", "CVE-3/01.patch", "CVE-3/02.patch"};
  EXPECT_EQ(find_in_series(series, "CVE-2"), series[0]);
  EXPECT_EQ(find_in_series(series, "CVE-1"), series[0]);
  EXPECT_EQ(find_in_series(series, "CVE-12"), series[1]);
  EXPECT_EQ(find_in_series(series, "VE-2"), "");
  EXPECT_EQ(find_in_series(series, ""), "");
  EXPECT_THROW(find_in_series(series, "CVE-3"), Error);
}

// A tree whose series (one.patch: a -> b; two.patch: b -> c) is applied to `file`.
class Peel : public testing::Test {
 protected:
  Peel() {
    fs::create_directories(tree_ + "/debian/patches");
    fs::create_directories(tree_ + "/.pc/two.patch");
    write("debian/patches/series", "one.patch\ntwo.patch\nthree.patch\n");
    write(".pc/applied-patches", "one.patch\ntwo.patch\nthree.patch\n");
    write("debian/patches/one.patch", "--- a/file\n+++ b/file\n@@ -1 +1 @@\n-a\n+b\n");
    write("debian/patches/two.patch", "--- a/file\n+++ b/file\n@@ -1 +1 @@\n-b\n+c\n");
    write("debian/patches/three.patch", "--- a/other\n+++ b/other\n@@ -1 +1 @@\n-x\n+y\n");
    write("file", "c\n");
    write("other", "y\n");
  }
  void write(const std::string &name, const std::string &text) {
    write_file(tree_ + "/" + name, text);
  }
  std::string text(const std::string &name) { return read_file(tree_ + "/" + name); }

  TempFolder folder_;
  const std::string &tree_ = folder_.path();
};

TEST_F(Peel, TakesOneOffFromTheMiddle) {
  peel(tree_, {"two.patch"});
  EXPECT_EQ(text("file"), "b\n");
  EXPECT_EQ(text("other"), "y\n");
  EXPECT_EQ(text("debian/patches/series"), "one.patch\nthree.patch\n");
  EXPECT_EQ(text(".pc/applied-patches"), "one.patch\nthree.patch\n");
  EXPECT_FALSE(fs::exists(tree_ + "/.pc/two.patch"));
}

TEST_F(Peel, TakesSeveralOffInReverseOrderHoweverTheyAreNamed) {
  peel(tree_, {"one.patch", "two.patch"});
  EXPECT_EQ(text("file"), "a\n");
}

TEST_F(Peel, NamesThePatchesThatMayStandInTheWay) {
  try {
    peel(tree_, {"one.patch"});
    FAIL() << "two.patch builds on it";
  } catch (const Error &e) {
    EXPECT_NE(e.message().find("one.patch cannot be taken out of the source"), std::string::npos);
    EXPECT_NE(e.hint().find("two.patch"), std::string::npos);
    EXPECT_EQ(e.hint().find("three.patch"), std::string::npos) << "it changes another file";
  }
}

TEST_F(Peel, OnlyShortensASeriesThatIsNotApplied) {
  fs::remove_all(tree_ + "/.pc");
  write("file", "a\n");
  peel(tree_, {"two.patch"});
  EXPECT_EQ(text("file"), "a\n");
  EXPECT_EQ(text("debian/patches/series"), "one.patch\nthree.patch\n");
}

} // namespace
} // namespace care::make
