// SPDX-License-Identifier: GPL-2.0-or-later
//
// What tells a return address, a switch and a suspended stack from other words.
#include <gtest/gtest.h>

#include "lib/coroutines/areas.h"
#include "lib/coroutines/memory_scan.h"
#include "lib/coroutines/saved_context.h"
#include "lib/x86/call_site.h"
#include "lib/x86/stack_switch.h"

namespace care {
namespace {

using namespace std::string_view_literals;

TEST(CallSite, KnowsDirectAndIndirectCalls) {
  std::optional<CallSite> direct = call_before("\x90\x90\x90\xe8\x10\x00\x00\x00"sv, 0x1000);
  ASSERT_TRUE(direct);
  EXPECT_EQ(direct->length, 5u);
  EXPECT_EQ(direct->target, 0x1010u);
  std::optional<CallSite> slot = call_before("\xff\x15\x08\x00\x00\x00"sv, 0x1000);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->slot, 0x1008u);
  EXPECT_TRUE(call_before("\xff\xd0"sv, 0x1000));         // call *%rax
  EXPECT_TRUE(call_before("\x41\xff\x54\xc5\x08"sv, 16)); // call *8(%r13,%rax,8)
}

TEST(CallSite, RefusesWhatIsNoCall) {
  EXPECT_FALSE(call_before("\x90\x90\x90\xe9\x10\x00\x00\x00"sv, 0x1000)); // jmp
  EXPECT_FALSE(call_before("\xff\xe0"sv, 0x1000));                         // jmp *%rax
  EXPECT_FALSE(call_before("\x90\x90\x90\x90\x90\x90\x90\x90"sv, 0x1000));
  EXPECT_FALSE(call_before(""sv, 0x1000));
}

TEST(StackSwitch, KnowsLoadsOfTheStackPointer) {
  EXPECT_TRUE(switches_stack("\x48\x89\x26\x48\x8b\x27\xc3"sv));      // mov (%rdi),%rsp
  EXPECT_TRUE(switches_stack("\x55\x48\x89\xfc\xc3"sv));              // mov %rdi,%rsp
  EXPECT_FALSE(switches_stack("\x55\x48\x89\xe5\x48\x89\xec\xc3"sv)); // a frame pointer
  EXPECT_FALSE(switches_stack("\xc3\x48\x89\xfc"sv));                 // behind the end
  EXPECT_FALSE(switches_stack(""sv));
}

TEST(SavedContext, DemanglesAsGlibcMangles) {
  uint64_t guard = 0x1122334455667788;
  uint64_t pointer = 0x00007f1234567890;
  uint64_t mixed = pointer ^ guard;
  EXPECT_EQ(demangle(mixed << 17 | mixed >> 47, guard), pointer);
}

TEST(SavedContext, KnowsBodiesOfCoroutinesByName) {
  EXPECT_TRUE(is_coroutine_body("_Z3genP10_Z3genv.Frame.actor"));
  EXPECT_TRUE(is_coroutine_body("_Z3genv.resume"));
  EXPECT_FALSE(is_coroutine_body("resume"));
}

TEST(Areas, LeavesOutThreadsAndFindsGuardedMappings) {
  MemoryMap map = parse_maps("10000-11000 ---p 00000000 00:00 0 \n"
                             "11000-21000 rw-p 00000000 00:00 0 \n"
                             "30000-31000 r-xp 00000000 08:01 5 /bin/x\n"
                             "31000-32000 rw-p 00001000 08:01 5 /bin/x\n"
                             "40000-50000 rw-s 00000000 00:01 7 /dev/zero (deleted)\n"
                             "60000-70000 rw-p 00000000 00:00 0 [heap]\n"
                             "7ffe0000-7fff0000 rw-p 00000000 00:00 0 [stack]\n");
  std::vector<Area> areas = writable_areas(map, false, {RemoteAddr(0x60010)});
  ASSERT_EQ(areas.size(), 2u);
  EXPECT_TRUE(areas[0].guarded);
  EXPECT_FALSE(areas[1].guarded);
  EXPECT_EQ(writable_areas(map, true, {}).size(), 4u);
  EXPECT_EQ(find_area(areas, RemoteAddr(0x31fff)), &areas[1]);
  EXPECT_EQ(find_area(areas, RemoteAddr(0x32000)), nullptr);
  std::vector<RemoteRange> rest = outside(areas, {RemoteAddr(0x20000), RemoteAddr(0x22000)});
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].begin, RemoteAddr(0x21000));
}

} // namespace
} // namespace care
