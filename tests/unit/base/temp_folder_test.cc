// SPDX-License-Identifier: GPL-2.0-or-later
//
// Folders that go away with what is in them.
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"
#include "tests/unit/environment_set.h"

namespace care {
namespace {

namespace fs = std::filesystem;

TEST(TempFolder, IsItsOwnersAlone) {
  TempFolder folder("prefix");
  struct stat info {};
  ASSERT_EQ(stat(folder.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U);
  EXPECT_TRUE(fs::path(folder.path()).filename().string().starts_with("prefix."));
}

TEST(TempFolder, GoesAwayWithWhatIsInIt) {
  std::string path;
  {
    TempFolder folder;
    path = folder.path();
    fs::create_directories(folder / "deep/er");
    write_file(folder / "deep/er/file", "x");
    fs::permissions(folder / "deep/er", fs::perms::owner_read | fs::perms::owner_exec);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempFolder, LeavesWhatALinkLeadsTo) {
  TempFolder other;
  write_file(other / "file", "x");
  {
    TempFolder folder;
    fs::create_directory_symlink(other.path(), folder / "link");
  }
  EXPECT_TRUE(fs::exists(other / "file"));
}

TEST(TempFolder, StaysWhenItIsReleased) {
  TempFolder outer;
  std::string path = TempFolder("inner", outer.path()).release();
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_TRUE(path.starts_with(outer.path() + "/inner."));
}

TEST(TempFolder, IsRemovedOnceWhenItMoves) {
  std::string path;
  {
    TempFolder one;
    path = one.path();
    TempFolder other(std::move(one));
    EXPECT_EQ(other.path(), path);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempFolder, LiesWhereTmpdirSays) {
  TempFolder outer;
  {
    EnvironmentSet set("TMPDIR", outer.path());
    EXPECT_TRUE(TempFolder("x").path().starts_with(outer.path() + "/x."));
  }
  EnvironmentSet set("TMPDIR", outer / "not there");
  EXPECT_THROW(TempFolder("x"), Error);
}

} // namespace
} // namespace care
