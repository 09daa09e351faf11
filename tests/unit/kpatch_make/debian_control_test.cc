// SPDX-License-Identifier: GPL-2.0-or-later
//
// Control files, changelogs and versions of Debian packages.
#include "kpatch_make/deb/debian_control.h"

#include <gtest/gtest.h>

#include "lib/base/error.h"

namespace care::make {
namespace {

TEST(DebianControl, ReadsParagraphs) {
  auto paragraphs = parse_control("# a comment\nSource: a\nBuild-Depends: x,\n y (>= 1),\n\tz\n"
                                  "\n\nPackage: b\nArchitecture: any\n");
  ASSERT_EQ(paragraphs.size(), 2U);
  EXPECT_EQ(paragraphs[0].get("build-depends"), "x,\ny (>= 1),\nz");
  EXPECT_EQ(paragraphs[0].get("Package"), "");
  EXPECT_EQ(paragraphs[1].get("Architecture"), "any");
}

TEST(DebianControl, PassesOverASignature) {
  auto paragraphs = parse_control("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
                                  "Format: 3.0 (quilt)\nSource: a\n\n"
                                  "-----BEGIN PGP SIGNATURE-----\n\nabc=\n"
                                  "-----END PGP SIGNATURE-----\n");
  ASSERT_EQ(paragraphs.size(), 1U);
  EXPECT_EQ(paragraphs[0].get("Source"), "a");
  EXPECT_EQ(paragraphs[0].get("Hash"), "");
}

TEST(DebianControl, NothingHoldsNothing) {
  EXPECT_TRUE(parse_control("").empty());
  EXPECT_TRUE(parse_control("\n# only this\n\n").empty());
}

TEST(DebianControl, RefusesWhatIsNone) {
  EXPECT_THROW(parse_control(" continued\n"), Error);
  EXPECT_THROW(parse_control("no field here\n"), Error);
  EXPECT_THROW(parse_control("not a field: x\n"), Error);
  EXPECT_THROW(parse_control(": x\n"), Error);
}

TEST(DebianChangelog, NamesPackageAndVersion) {
  ChangelogHead head = parse_changelog_head("\nredis (5:7.0.15-1~deb12u7) bookworm; urgency=x\n\n");
  EXPECT_EQ(head.source, "redis");
  EXPECT_EQ(head.version, "5:7.0.15-1~deb12u7");
  for (const char *text : {"", "redis 7.0\n", "redis ) (\n", "../x (1) y; z\n", "x (1/2) y; z\n"})
    EXPECT_THROW(parse_changelog_head(text), Error) << text;
}

TEST(DebianVersion, OfUpstreamHasNeitherEpochNorRevision) {
  EXPECT_EQ(upstream_version("5:7.0.15-1~deb12u7"), "7.0.15");
  EXPECT_EQ(upstream_version("1:1.2.13.dfsg-1"), "1.2.13.dfsg");
  EXPECT_EQ(upstream_version("2.1.12-stable-8+deb12u1"), "2.1.12-stable");
  EXPECT_EQ(upstream_version("1.21.22"), "1.21.22"); // a native package
}

TEST(DebianVersion, ConsistsOfItsLetters) {
  EXPECT_TRUE(valid_version("5:7.0.15-1~deb12u7"));
  EXPECT_FALSE(valid_version(""));
  EXPECT_FALSE(valid_version("1.0;rm"));
  EXPECT_FALSE(valid_version("../1"));
  EXPECT_TRUE(valid_source_name("libpng1.6"));
  EXPECT_TRUE(valid_source_name("g++-12"));
  EXPECT_FALSE(valid_source_name("-o"));
  EXPECT_FALSE(valid_source_name("a/b"));
}

TEST(DebianControl, FindsWhatWasBuiltAnew) {
  const char *shown = "Package: bash\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b13\n\n"
                      "Package: bash\nVersion: 5.2.15-2\n\n"
                      "Package: bash\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b13\n\n"
                      "Package: bash-static\nVersion: 5.2.15-2\n\n"
                      "Package: bash\nSource: bash\nVersion: 5.2.15-3\n\n"
                      "Package: bash\nSource: bash (5.2.15-1)\nVersion: 5.2.15-2~x\n";
  EXPECT_EQ(versions_built_from(shown, "bash", "5.2.15-2"),
            (std::vector<std::string>{"5.2.15-2+b13", "5.2.15-2"}));
  EXPECT_EQ(versions_built_from(shown, "bash", "5.2.15-3"), std::vector<std::string>{"5.2.15-3"});
  EXPECT_EQ(versions_built_from(shown, "bash-static", "5.2.15-2"),
            std::vector<std::string>{"5.2.15-2"});
  EXPECT_TRUE(versions_built_from(shown, "bash-static", "5.2.15-3").empty());
  EXPECT_TRUE(versions_built_from("N: Unable to locate package nothing\n", "nothing", "1").empty());
}

} // namespace
} // namespace care::make
