// SPDX-License-Identifier: GPL-2.0-or-later
//
// What outsiders can know of a library, by headers and by other objects of the build.
#include <gtest/gtest.h>

#include <filesystem>

#include "kpatch_make/objects/public_names.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"
#include "tests/unit/layout/compile.h"

namespace care::make {
namespace {

using Names = std::set<std::string>;

class PublicNames : public testing::Test {
 protected:
  PublicNames() {
    library_ = link("lib.so",
                    "int shown(void) { return 1; } int inner(void) { return 2; }\n"
                    "int lent(void) { return 3; } int _ZN1a1bEv(void) { return 4; }\n",
                    {"-shared", "-Wl,-soname,lib.so.1"});
    other_ = link("other.so", "int lent(void); int user(void) { return lent(); }\n", {"-shared"});
  }

  Link link(const std::string &name, const std::string &text, std::vector<std::string> options) {
    options.insert(options.end(), {"-g", "-fPIC"});
    Link out;
    out.output = out.copy = folder_.path() + "/" + name;
    out.soname = name == "lib.so" ? "lib.so.1" : "";
    compile_source("gcc", folder_.path() + "/code.c", text, out.copy, options);
    return out;
  }
  std::optional<Names> words(const std::string &header) {
    std::filesystem::create_directories(folder_.path() + "/include/sub");
    write_file(folder_.path() + "/include/sub/lib.h", header);
    return header_words({folder_.path() + "/include"}, folder_.path() + "/unpacked");
  }
  EntryNames entries(const std::string &header) {
    return entry_names(library_, {library_, other_}, words(header));
  }

  TempFolder folder_;
  Link library_, other_;
};

TEST_F(PublicNames, OfHeadersAndOfOtherObjects) {
  EntryNames names = entries("extern int shown(void); /* not innermost */\n");
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (Names{"shown", "lent", "_ZN1a1bEv"}));
}

TEST_F(PublicNames, AllCountWhereHeadersDoNotTell) {
  EXPECT_FALSE(entries("extern int something_else(void);\n"));
  EXPECT_FALSE(entries("extern int shown(void);\n#define NAME(x) in##x\n"));
  EXPECT_FALSE(entry_names(library_, {library_}, header_words({}, folder_.path() + "/none")));
}

TEST_F(PublicNames, AllCountInAnExecutable) {
  EXPECT_FALSE(entry_names(other_, {library_, other_}, words("int user(void);\n")));
}

TEST_F(PublicNames, OfASingleHeader) {
  words("int shown(void);\n");
  std::optional<Names> found =
      header_words({folder_.path() + "/include/sub/lib.h"}, folder_.path() + "/unpacked");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (Names{"int", "shown", "void"}));
}

} // namespace
} // namespace care::make
