// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/apt_words.h"

#include <gtest/gtest.h>

namespace care::make {

namespace {

constexpr const char *kOffline =
    "Need to get 20.7 kB of source archives.\n"
    "Ign:1 http://deb.debian.org/debian bookworm/main sl 5.02-1 (dsc)\n"
    "Err:1 http://deb.debian.org/debian bookworm/main sl 5.02-1 (dsc)\n"
    "  Temporary failure resolving 'deb.debian.org'\n"
    "E: Failed to fetch http://deb.debian.org/debian/pool/main/s/sl/sl_5.02-1.dsc  Temporary "
    "failure resolving 'deb.debian.org'\n"
    "E: Failed to fetch some archives.\n";

} // namespace

TEST(AptWords, ShowsTheComplaintsAlone) {
  std::string text = apt_complaints(kOffline);
  EXPECT_EQ(text.find("    E: Failed to fetch http://"), 0u);
  EXPECT_EQ(text.find("Ign:"), text.npos);
  EXPECT_TRUE(text.ends_with("E: Failed to fetch some archives.")) << text;
}

TEST(AptWords, ShowsTheEndOfWhatHasNoComplaint) {
  EXPECT_EQ(apt_complaints("one\ntwo\n"), "    one\n    two");
  EXPECT_EQ(apt_hint("one\ntwo\n"), "");
}

TEST(AptWords, LimitsTheComplaints) {
  std::string many;
  for (int i = 0; i < 100; i++)
    many += "E: one more\n";
  EXPECT_LT(apt_complaints(many).size(), 200u);
}

TEST(AptWords, KnowsWhatHelps) {
  EXPECT_NE(apt_hint(kOffline).find("no network"), std::string::npos);
  EXPECT_NE(apt_hint("E: Failed to fetch http://d/x.deb  404  Not Found [IP: 1.2.3.4 80]\n")
                .find("--update"),
            std::string::npos);
  EXPECT_NE(apt_hint("E: You must put some 'deb-src' URIs in your sources.list\n").find("deb-src"),
            std::string::npos);
}

} // namespace care::make
