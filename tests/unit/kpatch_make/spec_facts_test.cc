// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reading what rpm's programs print of a spec.
#include "kpatch_make/rpm/spec_facts.h"

#include <gtest/gtest.h>

namespace care::make {
namespace {

using Names = std::vector<std::string>;

// As rpm 4.18 expands "%setup -q -a 1", "%patch1", "%patch5" and what follows.
constexpr const char *kExpanded = "Name: tiny\n"
                                  "Patch5: https://example.org/five.patch\n"
                                  "%description\ntiny\n"
                                  "%prep\n"
                                  "cd '/builddir/build/BUILD'\n"
                                  "rm -rf 'tiny-1.0'\n"
                                  "rpmuncompress -x /s/tiny-1.0.tar.gz\n"
                                  "cd 'tiny-1.0'\n"
                                  "echo \"Patch #5 (five.patch):\"\n"
                                  "/usr/bin/patch -p1 < /s/five.patch\n"
                                  "/usr/bin/patch -p1 < /s/one.patch\n"
                                  "cd src; sed -i s/a/b/ *\n"
                                  "cd ..\n"
                                  "%build\n"
                                  "cd 'elsewhere'\n"
                                  "cat /s/unused.patch\n";

TEST(SpecFacts, AreReadLineByLine) {
  SpecFacts facts = read_spec_query("warning: line 3: something\n"
                                    "name tiny\nversion 1.0\nrelease 2.fc40\n"
                                    "source https://example.org/tiny-1.0.tar.gz\n"
                                    "patch one.patch\npatch https://example.org/five.patch\n"
                                    "needs foo-devel >= 3\nneeds rpmlib(FileDigests) <= 4.6.0-1\n"
                                    "time 1767614400\ntime 1578312000\n");
  EXPECT_EQ(facts.label(), "tiny-1.0-2.fc40");
  EXPECT_EQ(facts.sources, Names{"tiny-1.0.tar.gz"});
  EXPECT_EQ(facts.patches, (Names{"one.patch", "five.patch"}));
  EXPECT_EQ(facts.requirements, Names{"foo-devel >= 3"});
  EXPECT_EQ(facts.changelog_time, 1767614400);
}

TEST(SpecFacts, OfNothingAreEmpty) {
  SpecFacts facts = read_spec_query("error: cannot parse\n\n x\nname");
  EXPECT_EQ(facts.name, "");
  EXPECT_FALSE(facts.changelog_time);
}

TEST(SourceFolder, IsWhereSetupLeavesIt) {
  EXPECT_EQ(source_folder(kExpanded, "/builddir/build"), "BUILD/tiny-1.0");
}

TEST(SourceFolder, MayLieInAFolderOfThePackage) { // rpm 4.20
  EXPECT_EQ(source_folder("%prep\ncd '/builddir/build/BUILD/tiny-1.0-build'\ncd 'tiny-1.0'\n",
                          "/builddir/build"),
            "BUILD/tiny-1.0-build/tiny-1.0");
}

TEST(SourceFolder, IsEmptyWithoutSetupOrOutside) {
  EXPECT_EQ(source_folder("%prep\ntar xf x\n%build\nmake\n", "/builddir/build"), "");
  EXPECT_EQ(source_folder("Name: x\n", "/builddir/build"), "");
  EXPECT_EQ(source_folder("%prep\ncd '/tmp'\n", "/builddir/build"), "");
}

TEST(AppliedPatches, AreThoseOfPrepInItsOrder) {
  EXPECT_EQ(applied_patches(kExpanded, {"one.patch", "unused.patch", "five.patch"}),
            (Names{"five.patch", "one.patch"}));
}

TEST(MissingRequirements, AreRpmbuildsOwn) {
  EXPECT_EQ(missing_requirements("error: Failed build dependencies:\n"
                                 "\tfoo-devel >= 3 is needed by tiny-1.0-1.x86_64\n"
                                 "\tbar is needed by tiny-1.0-1.x86_64\n"),
            (Names{"foo-devel >= 3", "bar"}));
  EXPECT_EQ(missing_requirements("make: *** No rule to make target\n"), Names{});
}

} // namespace
} // namespace care::make
