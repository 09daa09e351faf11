// SPDX-License-Identifier: GPL-2.0-or-later
//
// The header in the target is read by programs with more rights than the target
// has: it has to survive whatever the target writes there.
#include <cstdlib>

#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/target/redirect.h"
#include "lib/target/region.h"

namespace care {
namespace {

Region example() {
  Region r;
  r.self = RemoteAddr(0x700000000000);
  r.groups = {{{0, 0x1000}, {0x1000, 0x1000}, {0x2000, 0x1000}}};
  r.state = RegionState::committed;
  r.bias.value = 0x6fff00000000;
  r.object_header = RemoteAddr(0x6fff00000000);
  r.name = "fix-1";
  r.level = 3;
  r.build_id = std::string("\x01\x02\x03", 3);
  r.object_name = "libx.so.1";
  r.description = "CVE-2026-0001";
  Hunk h;
  h.name = "parse";
  h.site = RemoteAddr(0x6fff00001004);
  h.saved = {1, 2, 3, 4, 5};
  h.jump = {0xe9, 1, 2, 3, 4};
  h.original = {RemoteAddr(0x6fff00001000), RemoteAddr(0x6fff00001040)};
  r.hunks.push_back(h);
  r.header_size = region_header_size(r);
  r.total_size = r.header_size + 0x3000;
  r.hunks[0].replacement = {r.image(), r.image() + 0x40};
  return r;
}

TEST(Region, ComesBackAsItWasWritten) {
  Region r = example();
  std::string bytes = encode_region(r);
  EXPECT_EQ(bytes.size(), r.header_size);
  std::optional<Region> back = decode_region(r.self, bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->build_id, r.build_id);
  EXPECT_EQ(back->object_name, r.object_name);
  EXPECT_EQ(back->description, r.description);
  EXPECT_EQ(back->name, "fix-1");
  EXPECT_EQ(back->level, 3u);
  ASSERT_EQ(back->hunks.size(), 1u);
  EXPECT_EQ(back->hunks[0].name, "parse");
  EXPECT_EQ(back->hunks[0].saved, r.hunks[0].saved);
  EXPECT_EQ(back->code().size(), 0x1000u);
}

TEST(Region, KeepsHooksForTheUndo) {
  Region r = example();
  r.ignored = "limit: unused\n";
  r.hooks = {{MarkKind::pre_undo, "check", r.image() + 0x20},
             {MarkKind::shadow_table, "table", r.image() + 0x2000}};
  std::optional<Region> back = decode_region(r.self, encode_region(r));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->hooks.size(), 2u);
  EXPECT_EQ(back->hooks[0].name, "check");
  EXPECT_EQ(back->hooks[0].at, r.image() + 0x20);
  EXPECT_EQ(back->ignored, r.ignored);
  r.hooks[0].at = r.image() + 0x2000;
  EXPECT_FALSE(decode_region(r.self, encode_region(r))) << "a hook that is no code";
  r.hooks[0].at = r.image();
  r.hooks[1].at = r.image() + 0x2ff8;
  EXPECT_FALSE(decode_region(r.self, encode_region(r))) << "a table that leaves the data";
}

TEST(Region, HoldsOnlyWhereItSaysItIs) {
  Region r = example();
  EXPECT_FALSE(decode_region(r.self + 0x1000, encode_region(r)));
  EXPECT_FALSE(decode_region(r.self, encode_region(r).substr(0, 100)));
  EXPECT_FALSE(decode_region(r.self, ""));
}

TEST(Region, RefusesHunksThatLeadElsewhere) {
  Region r = example();
  r.hunks[0].replacement = {RemoteAddr(0x1000), RemoteAddr(0x1040)};
  EXPECT_FALSE(decode_region(r.self, encode_region(r)));
  r = example();
  r.hunks[0].site = r.hunks[0].original.end;
  EXPECT_FALSE(decode_region(r.self, encode_region(r)));
}

TEST(Region, KeepsBothPlacesOfAShortJump) {
  Region r = example();
  Hunk &h = r.hunks[0];
  h.original.end = h.site + 3;
  h.pad = h.site + 20;
  h.pad_saved = {9, 8, 7, 6, 5};
  h.jump = encode_short_jump(h.site, h.pad);
  h.pad_jump = encode_jump(h.pad, h.pad + 0x1000);
  std::optional<Region> back = decode_region(r.self, encode_region(r));
  ASSERT_TRUE(back);
  std::vector<CodeWrite> writes = writes_of(back->hunks[0]);
  ASSERT_EQ(writes.size(), 2u);
  EXPECT_EQ(writes[0].at, h.pad) << "nothing may lead to a jump that does not stand yet";
  EXPECT_EQ(writes[0].before, h.pad_saved);
  EXPECT_EQ(writes[1].size, 2u);
  EXPECT_EQ(writes[1].after[1], 18);
  EXPECT_EQ(undo_writes_of(back->hunks[0])[0].at, h.site);
  h.pad = h.site + 200;
  EXPECT_FALSE(decode_region(r.self, encode_region(r))) << "out of a short jump's reach";
  EXPECT_THROW(encode_short_jump(h.site, h.pad), Error);
}

TEST(Region, MayBeSplit) {
  Region r = example();
  r.work_size = 0x1000;
  r.total_size += r.work_size;
  r.split_image = RemoteAddr(0x710000000000);
  r.hunks[0].replacement = {r.image(), r.image() + 0x40};
  std::optional<Region> back = decode_region(r.self, encode_region(r));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->image(), RemoteAddr(0x710000000000));
  EXPECT_EQ(back->work(), r.self + r.header_size);
  ASSERT_EQ(back->parts().size(), 2u);
  EXPECT_EQ(back->parts()[0].size(), r.header_size + 0x1000);
  EXPECT_EQ(back->parts()[1].size(), 0x3000u);
  r.split_image = r.self;
  EXPECT_FALSE(decode_region(r.self, encode_region(r))) << "the image over the header";
}

TEST(Region, SurvivesAnyDamage) {
  Region r = example();
  std::string good = encode_region(r);
  srand(1);
  int accepted = 0;
  for (int i = 0; i < 100000; i++) {
    std::string bad = good;
    for (int k = rand() % 4 + 1; k > 0; k--)
      bad[static_cast<size_t>(rand()) % 512] = static_cast<char>(rand());
    std::optional<Region> region = decode_region(r.self, bad);
    if (!region)
      continue;
    accepted++;
    EXPECT_LE(region->code().end.value, region->self.value + region->total_size);
    for (const Hunk &h : region->hunks)
      EXPECT_TRUE(h.original.contains(h.site) && region->code().contains(h.replacement.begin));
  }
  EXPECT_GT(accepted, 0); // damage to texts is no harm
}

} // namespace
} // namespace care
