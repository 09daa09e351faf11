// SPDX-License-Identifier: GPL-2.0-or-later
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "lib/base/error.h"
#include "lib/runtime/library_call.h"
#include "tests/unit/process/live_target.h"

// The targets are forks of the test: under AddressSanitizer their C library is covered by
// another allocator and other stack frames, which the rules for quiet threads do not know.
#ifdef __SANITIZE_ADDRESS__
#define SKIP_WITH_SANITIZER() GTEST_SKIP() << "the target would be a sanitizer's"
#else
#define SKIP_WITH_SANITIZER() static_cast<void>(0)
#endif

namespace care {
namespace {

using std::chrono::milliseconds;

// Where a call must succeed: on a busy machine, too.
constexpr milliseconds kLong(60000);

template<typename Function>
RemoteAddr address_of(Function *function) { // fork: the same address there
  return RemoteAddr(reinterpret_cast<uint64_t>(function));
}

void wait_for_ever() {
  char c;
  int pipes[2];
  while (pipe(pipes) == 0 && read(pipes[0], &c, 1) < 0) {
  }
}

TEST(LibraryCall, RunsInAThreadThatSleepsInASystemCall) {
  SKIP_WITH_SANITIZER();
  LiveTarget process([] { wait_for_ever(); });
  ASSERT_TRUE(asleep(process));
  Target target(process.pid());
  uint64_t memory = 0;
  with_library_call(target, kLong, [&](InjectedCalls &calls) {
    memory = calls.call(find_function(target, "malloc"), {100});
  });
  EXPECT_NE(memory, 0u);
}

uint64_t set_errno() {
  errno = 77;
  return 1;
}

TEST(LibraryCall, KeepsErrnoAndGoesOn) {
  Shared<std::atomic<int>> seen;
  Shared<std::atomic<bool>> ready;
  Shared<std::atomic<bool>> stop;
  LiveTarget process([&] {
    errno = 5;
    *ready = true;
    while (!*stop)
      asm volatile("" ::: "memory");
    *seen = errno;
    wait_for_ever();
  });
  ASSERT_TRUE(eventually([&] { return ready->load(); }));
  Target target(process.pid());
  with_library_call(target, kLong,
                    [&](InjectedCalls &calls) { calls.call(address_of(set_errno), {}); });
  *stop = true;
  EXPECT_TRUE(eventually([&] { return *seen != 0; }));
  EXPECT_EQ(*seen, 5);
}

// The only thread is nearly always in the middle of malloc or free, with the lock of
// its arena (there is a second thread, or it would take none).
TEST(LibraryCall, NeverInterruptsTheAllocator) {
  Shared<std::atomic<uint64_t>> rounds;
  LiveTarget process([&] {
    std::thread other([] { wait_for_ever(); });
    void *kept[64] = {};
    for (uint64_t i = 0;; i++) {
      free(kept[i % 64]);
      kept[i % 64] = malloc(3000 + i % 7000);
      for (int spin = 0; spin < 100; spin++)
        asm volatile("");
      *rounds = i;
    }
  });
  ASSERT_TRUE(eventually([&] { return *rounds > 1000; }));
  Target target(process.pid());
  RemoteAddr allocate = find_function(target, "malloc");
  RemoteAddr release = find_function(target, "free");
  for (int i = 0; i < 30; i++) {
    with_library_call(target, kLong, [&](InjectedCalls &calls) {
      uint64_t memory = calls.call(allocate, {5000});
      EXPECT_NE(memory, 0u);
      calls.call(release, {memory});
    });
  }
  uint64_t before = *rounds;
  EXPECT_TRUE(eventually([&] { return *rounds > before; }));
}

TEST(LibraryCall, IsRefusedInASignalHandler) {
  SKIP_WITH_SANITIZER();
  Shared<std::atomic<bool>> inside;
  static std::atomic<bool> *flag;
  flag = &*inside;
  LiveTarget process([] {
    signal(SIGUSR1, [](int) {
      *flag = true;
      wait_for_ever();
    });
    raise(SIGUSR1);
  });
  ASSERT_TRUE(eventually([&] { return inside->load(); }));
  ASSERT_TRUE(asleep(process));
  Target target(process.pid());
  try {
    with_library_call(target, milliseconds(1000), [](InjectedCalls &) {});
    FAIL();
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::unsafe);
    EXPECT_NE(e.message().find("signal handler"), std::string::npos) << e.message();
  }
}

// As the children that a server forks in its handler, and which never leave it.
TEST(LibraryCall, RunsInAHandlerThatInterruptedAWait) {
  SKIP_WITH_SANITIZER();
  Shared<std::atomic<bool>> inside;
  static std::atomic<bool> *flag;
  flag = &*inside;
  LiveTarget process([] {
    signal(SIGALRM, [](int) {
      *flag = true;
      wait_for_ever();
    });
    for (;;)
      select(0, nullptr, nullptr, nullptr, nullptr);
  });
  ASSERT_TRUE(asleep(process)); // in select()
  kill(process.pid(), SIGALRM);
  ASSERT_TRUE(eventually([&] { return inside->load(); }));
  Target target(process.pid());
  uint64_t memory = 0;
  with_library_call(target, kLong, [&](InjectedCalls &calls) {
    memory = calls.call(find_function(target, "malloc"), {100});
  });
  EXPECT_NE(memory, 0u);
}

TEST(LibraryCall, WaitsWithThreadsThatWaitForOthers) {
  LiveTarget process([] {
    std::thread other([] { wait_for_ever(); });
    other.join();
  });
  ASSERT_TRUE(asleep(process, 2));
  Target target(process.pid());
  int calls_made = 0;
  with_library_call(target, kLong, [&](InjectedCalls &) { calls_made++; });
  EXPECT_EQ(calls_made, 1);
}

std::mutex g_lock;

uint64_t take_lock() {
  g_lock.lock();
  g_lock.unlock();
  return 42;
}

void hold_lock(std::atomic<bool> &held, unsigned microseconds) {
  g_lock.lock();
  held = true;
  syscall(SYS_futex, nullptr, -1); // nothing, but it is no call to be borrowed in
  for (unsigned i = 0; i < microseconds / 1000; i++)
    usleep(1000);
  g_lock.unlock();
}

TEST(LibraryCall, WaitsForALockThatAnotherThreadHolds) {
  SKIP_WITH_SANITIZER();
  Shared<std::atomic<bool>> held;
  LiveTarget process([&] {
    std::thread holder([&] { hold_lock(*held, 300000); });
    wait_for_ever();
  });
  ASSERT_TRUE(eventually([&] { return held->load(); }));
  Target target(process.pid());
  uint64_t result = 0;
  with_library_call(target, kLong,
                    [&](InjectedCalls &calls) { result = calls.call(address_of(take_lock), {}); });
  EXPECT_EQ(result, 42u);
}

TEST(LibraryCall, IsGivenUpWhenTheLockIsNeverFree) {
  Shared<std::atomic<bool>> held;
  Shared<std::atomic<int>> rounds;
  LiveTarget process([&] {
    std::thread holder([&] { hold_lock(*held, 1000000000); });
    for (;;) {
      usleep(1000);
      ++*rounds;
    }
  });
  ASSERT_TRUE(eventually([&] { return held->load(); }));
  Target target(process.pid());
  try {
    with_library_call(target, milliseconds(1000),
                      [&](InjectedCalls &calls) { calls.call(address_of(take_lock), {}); });
    FAIL();
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::unsafe);
    EXPECT_NE(e.message().find("lock"), std::string::npos) << e.message();
  }
  int before = *rounds;
  EXPECT_TRUE(eventually([&] { return *rounds > before; }));
}

} // namespace
} // namespace care
