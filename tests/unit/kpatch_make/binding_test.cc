// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/binding.h"

#include <gtest/gtest.h>

#include "kpatch_make/objects/object_results.h"

namespace care::make {

namespace {

TargetFile target(const std::string &installed, const std::string &package,
                  const std::string &build_id, const std::string &soname = "") {
  return {"/unpacked" + installed, installed, package, build_id, soname};
}

Link link(const std::string &output, const std::string &build_id, const std::string &soname = "") {
  Link l;
  l.output = output;
  l.build_id = build_id;
  l.soname = soname;
  l.places = {output};
  return l;
}

TEST(Binding, ByBuildIdWhateverTheName) {
  std::vector<TargetFile> targets = {target("/usr/bin/tool", "a", "11"),
                                     target("/usr/bin/other", "a", "22")};
  Binding binding = choose_targets(link("/src/tool", "22"), "tool", targets);
  ASSERT_EQ(binding.targets.size(), 1U);
  EXPECT_EQ(binding.targets[0]->installed, "/usr/bin/other");
  EXPECT_TRUE(binding.sure);
}

TEST(Binding, ALibraryOf32BitsIsNoCounterpart) {
  std::vector<TargetFile> targets = {target("/usr/lib/libz.so.1", "z", "11", "libz.so.1"),
                                     target("/usr/lib32/libz.so.1", "z32", "22", "libz.so.1")};
  targets[1].foreign = "32-bit x86 code";
  Link library = link("/src/out/libz.so.1", "33", "libz.so.1");
  EXPECT_EQ(choose_targets(library, "libz.so.1", targets).targets.at(0)->build_id, "11");
  library.foreign = targets[1].foreign;
  EXPECT_EQ(choose_targets(library, "libz.so.1", targets).targets.at(0)->build_id, "22");
}

TEST(Binding, ByThePlaceInThePackagesOwnFolder) {
  std::vector<TargetFile> targets = {target("/usr/sbin/server", "plain", "11"),
                                     target("/usr/sbin/server", "with-lua", "22")};
  Link server = link("/src/server", "33");
  server.places.push_back("/src/debian/with-lua/usr/sbin/server");
  Binding binding = choose_targets(server, "server", targets);
  ASSERT_EQ(binding.targets.size(), 1U);
  EXPECT_EQ(binding.targets[0]->package, "with-lua");
}

TEST(Binding, TheLongerPlaceWins) {
  std::vector<TargetFile> targets = {target("/bin/tool", "", "11"),
                                     target("/usr/bin/tool", "", "22")};
  Link tool = link("/src/stage/usr/bin/tool", "33");
  Binding binding = choose_targets(tool, "tool", targets);
  ASSERT_EQ(binding.targets.size(), 1U);
  EXPECT_EQ(binding.targets[0]->build_id, "22");
}

TEST(Binding, BySonameWhenOneHasIt) {
  std::vector<TargetFile> targets = {target("/lib/libz.so.1.2.13", "", "11", "libz.so.1"),
                                     target("/lib/libz.so", "", "22", "libz.so.2")};
  Binding binding = choose_targets(link("/src/libz.so", "33", "libz.so.1"), "libz.so", targets);
  ASSERT_EQ(binding.targets.size(), 1U);
  EXPECT_EQ(binding.targets[0]->build_id, "11");
  EXPECT_FALSE(binding.sure);
}

TEST(Binding, NotWhenSeveralHaveTheName) {
  std::vector<TargetFile> targets = {target("/a/tool", "", "11"), target("/b/tool", "", "22")};
  Binding binding = choose_targets(link("/src/tool", "33"), "tool", targets);
  EXPECT_TRUE(binding.targets.empty());
  EXPECT_NE(binding.why_none.find("/a/tool, /b/tool"), std::string::npos) << binding.why_none;
}

// The same file in two packages is one target.
TEST(Binding, TwoPackagesWithOneFile) {
  std::vector<TargetFile> targets = {target("/a/tool", "x", "11"), target("/b/tool", "y", "11")};
  EXPECT_EQ(choose_targets(link("/src/tool", "33"), "tool", targets).targets.size(), 1U);
}

TEST(Binding, NotShipped) {
  std::vector<TargetFile> targets = {target("/usr/bin/tool", "", "11")};
  Binding binding = choose_targets(link("/src/test-tool", "33"), "test-tool", targets);
  EXPECT_TRUE(binding.targets.empty() && binding.why_none.empty());
}

PatchSummary row(ObjectVerdict verdict, ExitCode code = ExitCode::failure) {
  PatchSummary r;
  r.verdict = verdict;
  r.refused_code = code;
  return r;
}

TEST(Verdicts, ExitCodes) {
  PatchSummary patched = row(ObjectVerdict::patched);
  PatchSummary unchanged = row(ObjectVerdict::unchanged);
  PatchSummary unproved = row(ObjectVerdict::refused, ExitCode::does_not_fit);
  PatchSummary refused = row(ObjectVerdict::refused, ExitCode::unsupported);
  EXPECT_EQ(code_of({patched, unchanged}), ExitCode::ok);
  EXPECT_EQ(code_of({unchanged}), ExitCode::nothing_to_do);
  EXPECT_EQ(code_of({patched, refused}), ExitCode::partial);
  EXPECT_EQ(code_of({unchanged, refused, unproved}), ExitCode::unsupported);
  EXPECT_EQ(code_of({unproved, refused}), ExitCode::unsupported);
  EXPECT_EQ(code_of({unproved, unchanged}), ExitCode::does_not_fit);
}

} // namespace

} // namespace care::make
