// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a run leaves behind, and what it does to what others left there.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "kpatch_make/objects/delivery.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"
#include "lib/store/store_layout.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

class DeliveryTest : public testing::Test {
 protected:
  // A run that made patches of these names. Returns what it says.
  std::string deliver_files(const Names &names, const std::string &source = "/src",
                            const std::string &name = "") {
    fs::remove_all(folder_ / "made");
    fs::create_directory(folder_ / "made");
    for (const std::string &file : names)
      write_file(folder_ / "made/" + file, source);
    MakeOptions options;
    options.bundle = folder_ / "bundle";
    options.directory = source;
    options.name = name;
    testing::internal::CaptureStderr();
    deliver(folder_ / "made", options);
    return testing::internal::GetCapturedStderr();
  }

  Names bundle() const {
    Names names;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder_ / "bundle"))
      if (entry.path().extension() == ".kpatch")
        names.insert(entry.path().filename());
    return names;
  }

  TempFolder folder_;
};

using Bundle = DeliveryTest;
using Keep = DeliveryTest;

bool says(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Bundle, IsWhatTheRunMade) {
  EXPECT_EQ(deliver_files({"a.kpatch", "b.kpatch"}), "");
  EXPECT_EQ(bundle(), (Names{"a.kpatch", "b.kpatch"}));
}

TEST_F(Bundle, OfAnEarlierRunIsReplaced) {
  deliver_files({"a.kpatch", "b.kpatch"});
  std::string said = deliver_files({"a.kpatch", "c.kpatch"});
  EXPECT_EQ(bundle(), (Names{"a.kpatch", "c.kpatch"}));
  EXPECT_TRUE(says(said, "b.kpatch is of an earlier run and has no successor: removed")) << said;
  EXPECT_FALSE(says(said, "stay")) << said;
  EXPECT_EQ(deliver_files({"a.kpatch", "c.kpatch"}), "");
}

TEST_F(Bundle, KeepsWhatNoRunMade) {
  deliver_files({"a.kpatch"});
  write_file(folder_ / "bundle/strange.kpatch", "strange");
  write_file(folder_ / "bundle/README", "read me");
  for (int round = 0; round < 2; round++) {
    std::string said = deliver_files({"a.kpatch"});
    EXPECT_EQ(bundle(), (Names{"a.kpatch", "strange.kpatch"}));
    EXPECT_TRUE(says(said, "not of this run and stay: strange.kpatch")) << said;
    EXPECT_FALSE(says(said, "README")) << said;
    EXPECT_FALSE(says(said, "removed")) << said;
  }
  EXPECT_EQ(read_file(folder_ / "bundle/strange.kpatch"), "strange");
  EXPECT_TRUE(fs::exists(folder_ / "bundle/README"));
}

// Bundles of several names, or of several packages, can be put into one folder.
TEST_F(Bundle, KeepsWhatRunsForSomethingElseMade) {
  deliver_files({"a.kpatch"});
  deliver_files({"b-fix.kpatch"}, "/src", "fix");
  std::string said = deliver_files({"c.kpatch"}, "/other");
  EXPECT_EQ(bundle(), (Names{"a.kpatch", "b-fix.kpatch", "c.kpatch"}));
  EXPECT_TRUE(says(said, "stay: a.kpatch, b-fix.kpatch")) << said;
  deliver_files({"d-fix.kpatch"}, "/src", "fix");
  EXPECT_EQ(bundle(), (Names{"a.kpatch", "c.kpatch", "d-fix.kpatch"}));
}

TEST_F(Bundle, TakesOverAPatchOfTheSameFileName) {
  deliver_files({"a.kpatch"}, "/other");
  deliver_files({"a.kpatch"}, "/src");
  EXPECT_EQ(read_file(folder_ / "bundle/a.kpatch"), "/src");
  deliver_files({"b.kpatch"}, "/src");
  EXPECT_EQ(bundle(), Names{"b.kpatch"});
}

TEST_F(Keep, ReplacesAnEarlierOne) {
  MakeOptions options;
  options.keep = folder_ / "kept";
  std::string log = folder_ / "original.log";
  write_file(log, "built\n");
  for (int round = 0; round < 2; round++) {
    keep_results(options, {}, {{kStageOriginal, log}}, folder_.path());
    EXPECT_EQ(read_file(folder_ / "kept/original/build.log"), "built\n");
    EXPECT_FALSE(fs::exists(folder_ / "kept/original/old"));
    write_file(folder_ / "kept/original/old", "");
  }
}

TEST_F(Keep, RefusesWhatItDidNotMake) {
  for (const char *stage : {kStageOriginal, kStagePatched}) {
    std::string keep = folder_ / std::string("of ") + stage;
    fs::create_directories(keep + "/" + stage);
    EXPECT_NO_THROW(check_keep(keep)) << "empty";
    write_file(keep + "/" + stage + "/precious", "x");
    MakeOptions options;
    options.keep = keep;
    for (bool early : {true, false})
      try {
        early ? check_keep(keep) : keep_results(options, {}, {}, "");
        ADD_FAILURE() << "not refused";
      } catch (const Error &e) {
        EXPECT_EQ(e.code(), ExitCode::usage);
        EXPECT_TRUE(says(e.message(), keep + "/" + stage)) << e.message();
      }
    EXPECT_TRUE(fs::exists(keep + "/" + stage + "/precious"));
  }
}

TEST_F(Keep, RefusesAFileAndALink) {
  fs::create_directories(folder_ / "one");
  write_file(folder_ / "one/original", "");
  EXPECT_THROW(check_keep(folder_ / "one"), Error);
  fs::create_directories(folder_ / "other");
  fs::create_directory_symlink(folder_ / "one", folder_ / "other/patched");
  EXPECT_THROW(check_keep(folder_ / "other"), Error);
  EXPECT_NO_THROW(check_keep(folder_ / "none"));
}

} // namespace
} // namespace care::make
