// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/process/maps.h"

namespace care {
namespace {

constexpr const char *kMaps =
    "400000-401000 r-xp 00001000 fe:01 131                 /usr/bin/a file (deleted)\n"
    "7f00000000-7f00001000 rw-s 00000000 00:00 0 \n"
    "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]\n";

TEST(Maps, ReadsEveryField) {
  MemoryMap map = parse_maps(kMaps);
  ASSERT_EQ(map.size(), 3u);
  EXPECT_EQ(map[0].range.begin, RemoteAddr(0x400000));
  EXPECT_EQ(map[0].range.end, RemoteAddr(0x401000));
  EXPECT_TRUE(map[0].read && map[0].exec && !map[0].write && !map[0].shared);
  EXPECT_EQ(map[0].offset, 0x1000u);
  EXPECT_EQ(map[0].device, uint64_t{0xfe} << 32 | 1);
  EXPECT_EQ(map[0].inode, 131u);
  EXPECT_TRUE(map[1].shared && map[1].anonymous());
  EXPECT_EQ(map[2].path, "[stack]");
}

TEST(Maps, TellsDeletedFilesFromTheirNames) {
  MemoryMap map = parse_maps(kMaps);
  EXPECT_EQ(map[0].path, "/usr/bin/a file");
  EXPECT_TRUE(map[0].deleted);
  EXPECT_FALSE(map[2].deleted);
}

TEST(Maps, FindsTheMappingOfAnAddress) {
  MemoryMap map = parse_maps(kMaps);
  EXPECT_EQ(find_mapping(map, RemoteAddr(0x400fff)), &map[0]);
  EXPECT_EQ(find_mapping(map, RemoteAddr(0x401000)), nullptr);
  EXPECT_EQ(find_mapping(map, RemoteAddr(0)), nullptr);
}

TEST(Maps, RefusesOtherText) {
  EXPECT_THROW(parse_maps("400000 r-xp\n"), Error);
  EXPECT_THROW(parse_maps("x-y r-xp 0 0:0 0\n"), Error);
}

} // namespace
} // namespace care
