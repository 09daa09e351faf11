// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which of a system's package sources a clean root gets.
#include "kpatch_make/deb/apt_sources.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;

class AptSources : public testing::Test {
 protected:
  AptSources() { fs::create_directories(etc_ + "/sources.list.d"); }

  TempFolder folder_;
  const std::string &etc_ = folder_.path();
};

TEST_F(AptSources, OfOneLineStyle) {
  write_file(etc_ + "/sources.list",
             "# deb http://old/ bookworm main\n"
             "deb http://a/debian bookworm main contrib # why\n"
             "deb [arch=amd64 signed-by=/k.gpg] http://a/security bookworm-security main\n"
             "deb-src http://a/debian bookworm main\n"
             "deb http://vendor/ stable main\ndeb http://b/debian bookwormish main\n");
  EXPECT_EQ(suite_sources(etc_, "bookworm"),
            "Types: deb deb-src\nURIs: http://a/debian\nSuites: bookworm\n"
            "Components: main contrib\n\n"
            "Types: deb deb-src\nURIs: http://a/security\nSuites: bookworm-security\n"
            "Components: main\nSigned-By: /k.gpg\n\n");
}

TEST_F(AptSources, OfDeb822Style) {
  write_file(etc_ + "/sources.list.d/debian.sources",
             "Types: deb\nURIs: http://a/debian\nSuites: bookworm bookworm-updates other\n"
             "Components: main\nSigned-By: /k.gpg\n\n"
             "Types: deb\nURIs: http://a/off\nSuites: bookworm\nComponents: main\nEnabled: no\n\n"
             "Types: deb-src\nURIs: http://a/src\nSuites: bookworm\nComponents: main\n");
  write_file(etc_ + "/sources.list.d/left.save", "deb http://a/debian bookworm main\n");
  EXPECT_EQ(suite_sources(etc_, "bookworm"),
            "Types: deb deb-src\nURIs: http://a/debian\nSuites: bookworm bookworm-updates\n"
            "Components: main\nSigned-By: /k.gpg\n\n");
}

TEST_F(AptSources, MayBeNone) {
  EXPECT_EQ(suite_sources(etc_, "bookworm"), "");
  EXPECT_EQ(suite_sources(etc_ + "/nowhere", "bookworm"), "");
}

TEST(SuiteCodename, IsInOsRelease) {
  EXPECT_EQ(suite_codename("ID=debian\nVERSION_CODENAME=bookworm\n"), "bookworm");
  EXPECT_EQ(suite_codename("VERSION_CODENAME=\"noble\"\n"), "noble");
  EXPECT_EQ(suite_codename("ID=x\n"), "");
}

} // namespace
} // namespace care::make
