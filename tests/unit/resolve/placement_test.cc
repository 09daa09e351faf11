// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "lib/resolve/placement.h"

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
  std::vector<RegionPlace> places =
      find_places(map, {{RemoteAddr(0x20000000), RemoteAddr(0x20010000)}, kSize, false, {}});
  ASSERT_FALSE(places.empty());
  // Below it, an unmapped page away.
  EXPECT_EQ(places[0].self, RemoteAddr(0x20000000 - 0x1000 - kSize));
  EXPECT_EQ(places[1].self, RemoteAddr(0x20011000));
}

TEST(Placement, LeavesHeapAndStackTheirRoom) {
  MemoryMap map{mapping(0x555555554000, 0x555555558000, "prog"),
                mapping(0x555555560000, 0x555555581000, "[heap]"),
                mapping(0x7ffff7fc0000, 0x7ffff7fff000, "libc"),
                mapping(0x7ffffffde000, 0x7ffffffff000, "[stack]")};
  RemoteAddr brk(0x555555560000);
  for (RemoteRange object : {map[0].range, map[2].range}) {
    for (auto [at, image] : find_places(map, {object, kSize, false, brk})) {
      EXPECT_FALSE(map[1].range.end <= at && at < map[1].range.end + (uint64_t{64} << 30))
          << at.value;
      EXPECT_FALSE(map[2].range.end <= at && at < map[3].range.begin) << at.value;
    }
  }
  // The hole between program and heap is nobody's.
  std::vector<RegionPlace> places = find_places(map, {map[0].range, kSize, false, brk});
  EXPECT_TRUE(std::any_of(places.begin(), places.end(), [](const RegionPlace &place) {
    return place.self == RemoteAddr(0x555555559000);
  }));
}

TEST(Placement, FindsTheFarEndOfTheHoleAboveTheHeap) {
  // Libraries without any gap between them, as after a start without ld.so.cache.
  MemoryMap map{mapping(0x555555554000, 0x555555558000, "prog"),
                mapping(0x555555560000, 0x555555581000, "[heap]"),
                mapping(0x7ffff7fc0000, 0x7ffff7fff000, "libc"),
                mapping(0x7ffffffde000, 0x7ffffffff000, "[stack]")};
  std::vector<RegionPlace> places =
      find_places(map, {map[2].range, kSize, false, RemoteAddr(0x555555560000)});
  ASSERT_EQ(places.size(), 2u) << "with a page around it, and without";
  EXPECT_EQ(places[0].self, map[2].range.begin - 0x1000 - kSize);
}

TEST(Placement, LeavesTheHeapThatIsYetToCome) {
  MemoryMap map{mapping(0x400000, 0x404000, "prog"), mapping(0x7ffff7fc0000, 0x7ffff7fff000)};
  for (auto [at, image] : find_places(map, {map[0].range, kSize, true, RemoteAddr(0x1234000)}))
    EXPECT_LT(at, RemoteAddr(0x400000));
}

TEST(Placement, StaysInReachOfTheWholeObject) {
  // A 1.5 GiB object, holes on both sides of which only the near end is in reach.
  MemoryMap map{mapping(0x100000000, 0x160000000, "object"), mapping(0x160001000, 0x1f0000000)};
  EXPECT_TRUE(find_places(map, {map[0].range, 0x40000000, false, {}}).empty());
  std::vector<RegionPlace> places = find_places(map, {map[0].range, kSize, false, {}});
  ASSERT_EQ(places.size(), 2u) << "with a page around it, and without";
  EXPECT_EQ(places[0].self, RemoteAddr(0x100000000 - 0x1000 - kSize));
}

TEST(Placement, DoesWithoutPagesAroundItWhenTight) {
  MemoryMap map{mapping(0x10000, 0x100000000 - kSize), mapping(0x100000000, 0x100010000, "object"),
                mapping(0x100010000, 0x7ffffffff000)};
  std::vector<RegionPlace> places = find_places(map, {map[1].range, kSize, false, {}});
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].self, RemoteAddr(0x100000000 - kSize));
}

TEST(Placement, UsesWhatTheStackDoesNotNeed) {
  MemoryMap map{mapping(0x10000, 0x7ffff7fc0000), mapping(0x7ffff7fc0000, 0x7ffff7fff000, "libc"),
                mapping(0x7ffffffde000, 0x7ffffffff000, "[stack]")};
  PlaceRequest request{map[1].range, kSize, false, {}};
  request.stack_limit = 8 << 20;
  std::vector<RegionPlace> places = find_places(map, request);
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].self, RemoteAddr(0x7ffff8000000));
  request.stack_limit = 200 << 20; // more than there is: none of our business
  EXPECT_TRUE(find_places(map, request).empty());
  request.stack_limit = ~uint64_t{0}; // unlimited
  EXPECT_TRUE(find_places(map, request).empty());
}

TEST(Placement, SplitsTheImageOff) {
  // Room for the image alone near the object; more a terabyte away.
  MemoryMap map{mapping(0x10000, 0x10000000000 - 0x2000),
                mapping(0x10000000000, 0x10000010000, "object"),
                mapping(0x10000010000, 0x20000000000), mapping(0x20000100000, 0x7ffffffff000)};
  PlaceRequest request{map[1].range, kSize, false, {}};
  EXPECT_TRUE(find_places(map, request).empty());
  request.image_size = 0x2000;
  std::vector<RegionPlace> places = find_places(map, request);
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].split_image, RemoteAddr(0x10000000000 - 0x2000));
  EXPECT_EQ(places[0].self, RemoteAddr(0x20000001000));
  request.image_size = 0x3000;
  EXPECT_TRUE(find_places(map, request).empty());
}

TEST(Placement, GoesLowWhenAskedTo) {
  MemoryMap map{mapping(0x7fffe000, 0x80001000, "object")};
  for (auto [at, image] : find_places(map, {map[0].range, kSize, true, {}}))
    EXPECT_LE(at.value + kSize, uint64_t{1} << 31);
}

} // namespace
} // namespace care
