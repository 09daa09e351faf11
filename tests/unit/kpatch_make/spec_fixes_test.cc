// SPDX-License-Identifier: GPL-2.0-or-later
//
// A fix of `kpatch_make rpm` is a file or a patch of the spec.
#include "kpatch_make/rpm/spec_fixes.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class SpecFixesTest : public testing::Test {
 protected:
  SpecFixesTest() {
    fs::create_directories(folder_ + "/SOURCES");
    for (const char *name : {"a.patch", "b.patch", "off.patch"})
      write_file(sources() + "/" + name, name);
  }

  std::string sources() const { return folder_ + "/SOURCES"; }
  SpecFixes sorted(const Names &fixes) const {
    return sort_fixes(fixes, sources(), {"b.patch", "a.patch"},
                      {"a.patch", "b.patch", "off.patch"});
  }

  TempFolder temporary_;
  const std::string &folder_ = temporary_.path();
};

TEST_F(SpecFixesTest, OfTheSpecComeInItsOrder) {
  SpecFixes fixes = sorted({"a.patch", "b.patch"});
  EXPECT_EQ(fixes.of_spec, (Names{sources() + "/b.patch", sources() + "/a.patch"}));
  EXPECT_EQ(fixes.files, Names{});
}

TEST_F(SpecFixesTest, OfOtherContentIsAFile) {
  std::string same = folder_ + "/a.patch", other = folder_ + "/b.patch";
  write_file(same, "a.patch");
  write_file(other, "another text");
  SpecFixes fixes = sorted({same, other});
  EXPECT_EQ(fixes.of_spec, Names{sources() + "/a.patch"});
  EXPECT_EQ(fixes.files, Names{other});
  EXPECT_EQ(fixes.all().size(), 2u);
}

TEST_F(SpecFixesTest, ThatIsNeitherIsAnError) {
  EXPECT_THROW(sorted({"c.patch"}), Error);
  EXPECT_THROW(sorted({"elsewhere/a.patch"}), Error);
  EXPECT_THROW(sorted({"off.patch"}), Error); // listed, not applied
}

} // namespace
} // namespace care::make
