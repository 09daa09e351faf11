// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "lib/apply/placement.h"

namespace care {
namespace {

Mapping mapping(uint64_t begin, uint64_t end, const char *path = "") {
  Mapping m;
  m.range = {RemoteAddr(begin), RemoteAddr(end)};
  m.path = path;
  return m;
}

constexpr uint64_t kSize = 0x4000;

TEST(Placement, TakesTheNearestHole) {
  MemoryMap map{mapping(0x10000000, 0x10010000), mapping(0x20000000, 0x20010000, "object"),
                mapping(0x20030000, 0x20040000)};
  std::vector<RemoteAddr> places =
      find_places(map, {{RemoteAddr(0x20000000), RemoteAddr(0x20010000)}, kSize, false, {}});
  ASSERT_FALSE(places.empty());
  // Below it, an unmapped page away.
  EXPECT_EQ(places[0], RemoteAddr(0x20000000 - 0x1000 - kSize));
  EXPECT_EQ(places[1], RemoteAddr(0x20011000));
}

TEST(Placement, LeavesHeapAndStackTheirRoom) {
  MemoryMap map{mapping(0x555555554000, 0x555555558000, "prog"),
                mapping(0x555555560000, 0x555555581000, "[heap]"),
                mapping(0x7ffff7fc0000, 0x7ffff7fff000, "libc"),
                mapping(0x7ffffffde000, 0x7ffffffff000, "[stack]")};
  RemoteAddr brk(0x555555560000);
  for (RemoteRange object : {map[0].range, map[2].range}) {
    for (RemoteAddr at : find_places(map, {object, kSize, false, brk})) {
      EXPECT_FALSE(map[1].range.end <= at && at < map[1].range.end + (uint64_t{64} << 30))
          << at.value;
      EXPECT_FALSE(map[2].range.end <= at && at < map[3].range.begin) << at.value;
    }
  }
  // The hole between program and heap is nobody's.
  std::vector<RemoteAddr> places = find_places(map, {map[0].range, kSize, false, brk});
  EXPECT_NE(std::find(places.begin(), places.end(), RemoteAddr(0x555555559000)), places.end());
}

TEST(Placement, FindsTheFarEndOfTheHoleAboveTheHeap) {
  // Libraries without any gap between them, as after a start without ld.so.cache.
  MemoryMap map{mapping(0x555555554000, 0x555555558000, "prog"),
                mapping(0x555555560000, 0x555555581000, "[heap]"),
                mapping(0x7ffff7fc0000, 0x7ffff7fff000, "libc"),
                mapping(0x7ffffffde000, 0x7ffffffff000, "[stack]")};
  std::vector<RemoteAddr> places =
      find_places(map, {map[2].range, kSize, false, RemoteAddr(0x555555560000)});
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0], map[2].range.begin - 0x1000 - kSize);
}

TEST(Placement, LeavesTheHeapThatIsYetToCome) {
  MemoryMap map{mapping(0x400000, 0x404000, "prog"), mapping(0x7ffff7fc0000, 0x7ffff7fff000)};
  for (RemoteAddr at : find_places(map, {map[0].range, kSize, true, RemoteAddr(0x1234000)}))
    EXPECT_LT(at, RemoteAddr(0x400000));
}

TEST(Placement, StaysInReachOfTheWholeObject) {
  // A 1.5 GiB object, holes on both sides of which only the near end is in reach.
  MemoryMap map{mapping(0x100000000, 0x160000000, "object"), mapping(0x160001000, 0x1f0000000)};
  EXPECT_TRUE(find_places(map, {map[0].range, 0x40000000, false, {}}).empty());
  std::vector<RemoteAddr> places = find_places(map, {map[0].range, kSize, false, {}});
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0], RemoteAddr(0x100000000 - 0x1000 - kSize));
}

TEST(Placement, GoesLowWhenAskedTo) {
  MemoryMap map{mapping(0x7fffe000, 0x80001000, "object")};
  for (RemoteAddr at : find_places(map, {map[0].range, kSize, true, {}}))
    EXPECT_LE(at.value + kSize, uint64_t{1} << 31);
}

} // namespace
} // namespace care
