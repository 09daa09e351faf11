// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/stacking.h"

#include <gtest/gtest.h>

#include "lib/base/error.h"

namespace care {
namespace {

Region applied(const std::string &name, uint32_t level) {
  Region r;
  r.name = name;
  r.level = level;
  return r;
}

BundlePatch patch(const std::string &name, uint32_t level) {
  BundlePatch p;
  p.file.metadata.name = name;
  p.file.metadata.level = level;
  return p;
}

TEST(Stacking, LevelsCountWithinAName) {
  Region unnamed = applied("", 3);
  Region named = applied("fix", 1);
  std::vector<const Region *> in_force{&unnamed, &named};
  EXPECT_FALSE(level_to_replace(in_force, patch("other", 0), false));
  EXPECT_EQ(level_to_replace(in_force, patch("fix", 2), false)->level, 1u);
  EXPECT_EQ(level_to_replace(in_force, patch("", 4), false)->level, 3u);
  EXPECT_EQ(level_to_replace(in_force, patch("", 2), true)->level, 3u);
  for (uint32_t level : {0, 2, 3}) {
    try {
      level_to_replace(in_force, patch("", level), false);
      ADD_FAILURE() << level;
    } catch (const Error &e) {
      EXPECT_EQ(e.code(), ExitCode::conflict);
    }
  }
}

ObjectPlan plan_at(uint64_t site, uint8_t jump) {
  ObjectPlan plan;
  Hunk hunk;
  hunk.site = RemoteAddr(site);
  hunk.saved = {1, 2, 3, 4, 5};
  hunk.jump = {0xe9, jump, 0, 0, 0};
  plan.region.hunks.push_back(hunk);
  return plan;
}

// Another patch of the same bundle takes over a function that a replaced level had.
TEST(Stacking, WritesAreMergedOverAllPatches) {
  ObjectPlan first = plan_at(0x1000, 10);
  first.previous = plan_at(0x2000, 1).region;
  ObjectPlan second = plan_at(0x2000, 20);
  std::vector<CodeWrite> writes = planned_writes({first, second});
  ASSERT_EQ(writes.size(), 2u);
  EXPECT_EQ(writes[0].before[0], 1);
  EXPECT_EQ(writes[1].before[1], 1) << "the old level's jump";
  EXPECT_EQ(writes[1].after[1], 20);
}

TEST(Stacking, NamesAreSafeInPaths) {
  for (const char *good : {"", "a", "CVE-2026-0001", "fix_1.2+b"})
    EXPECT_TRUE(valid_patch_name(good)) << good;
  for (const char *bad : {"-a", ".a", "a/b", "a b", "a\n", "\xc3\xa4"})
    EXPECT_FALSE(valid_patch_name(bad)) << bad;
  EXPECT_FALSE(valid_patch_name(std::string(65, 'a')));
}

} // namespace
} // namespace care
