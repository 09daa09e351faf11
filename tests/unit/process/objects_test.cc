// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>

#include <gtest/gtest.h>

#include "lib/process/link_map.h"
#include "lib/process/objects.h"
#include "lib/process/process.h"
#include "tests/unit/process/live_target.h"

namespace care {
namespace {

TEST(Objects, AreFoundInMemoryAndDataIsPassedOver) {
  LiveTarget target([] {
    // An ELF file as mere data, header first.
    int fd = open("/proc/self/exe", O_RDONLY);
    mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    for (;;)
      pause();
  });
  ASSERT_TRUE(asleep(target));
  Process process(target.pid());
  RemoteMemory memory(target.pid());
  CachedMemory cache(memory);
  std::vector<LoadedObject> objects = find_objects(process.read_map(), cache);
  const LoadedObject *main = main_program(process, objects, cache);
  ASSERT_NE(main, nullptr);
  int copies = 0;
  bool vdso = false;
  for (const LoadedObject &o : objects) {
    copies += o.path == main->path;
    vdso = vdso || (o.name == "[vdso]" && o.eh_frame_hdr && !o.build_id.empty());
  }
  EXPECT_EQ(copies, 1);
  EXPECT_TRUE(vdso);
  // A function of ours lies in the main program.
  RemoteAddr here(reinterpret_cast<uint64_t>(&find_objects));
  EXPECT_EQ(find_object(objects, here), main);
}

TEST(LinkMap, BeginsWithTheMainProgram) {
  LiveTarget target([] {
    for (;;)
      pause();
  });
  ASSERT_TRUE(asleep(target));
  Process process(target.pid());
  RemoteMemory memory(target.pid());
  CachedMemory cache(memory);
  std::vector<LoadedObject> objects = find_objects(process.read_map(), cache);
  std::vector<LinkMaps> chains = read_link_maps(process, objects, cache);
  ASSERT_FALSE(chains.empty());
  ASSERT_FALSE(chains[0].empty());
  ASSERT_TRUE(chains[0][0].object);
  EXPECT_EQ(&objects[*chains[0][0].object], main_program(process, objects, cache));
  EXPECT_GE(chains[0].size(), 3u); // libc and ld.so at least
}

} // namespace
} // namespace care
