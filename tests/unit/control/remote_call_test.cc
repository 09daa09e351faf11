// SPDX-License-Identifier: GPL-2.0-or-later
#include <atomic>
#include <cerrno>
#include <ctime>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "lib/base/error.h"
#include "lib/control/remote_call.h"
#include "lib/process/process.h"
#include "tests/unit/process/live_target.h"

namespace care {
namespace {

using std::chrono::seconds;

// Runs `body` with calls injected into the child's only thread.
void inject(const LiveTarget &target, const std::function<void(InjectedCalls &)> &body) {
  Process process(target.pid());
  RemoteMemory memory(target.pid());
  MemoryMap map = process.read_map();
  CachedMemory cache(memory);
  ReturnTrampoline trampoline = make_return_trampoline(find_objects(map, cache), memory);
  StoppedThreads threads(target.pid());
  threads.seize_all();
  ASSERT_TRUE(threads.stop(seconds(60)));
  InjectedCalls calls(threads, target.pid(), memory, map, trampoline);
  body(calls);
}

uint64_t remote_pid(InjectedCalls &calls) {
  return static_cast<uint64_t>(calls.syscall(SYS_getpid, {}));
}

TEST(InjectedCalls, RunInTheTarget) {
  LiveTarget target([] {
    for (;;)
      pause();
  });
  ASSERT_TRUE(asleep(target));
  inject(target, [&](InjectedCalls &calls) {
    EXPECT_EQ(remote_pid(calls), static_cast<uint64_t>(target.pid()));
    EXPECT_EQ(calls.syscall(SYS_close, {uint64_t(-1)}), -EBADF);
  });
}

uint64_t add(uint64_t a, uint64_t b) {
  return a + b + static_cast<uint64_t>(getppid() != 0);
}
void crash() {
  asm volatile("ud2");
}

TEST(InjectedCalls, CallFunctionsThatMakeCallsThemselves) {
  LiveTarget target([] {
    for (;;)
      pause();
  });
  ASSERT_TRUE(asleep(target));
  inject(target, [&](InjectedCalls &calls) {
    RemoteAddr function(reinterpret_cast<uint64_t>(&add)); // fork: the same address there
    EXPECT_EQ(calls.call(function, {40, 1}), 42u);
  });
}

TEST(InjectedCalls, ReportAFunctionThatCrashesAndGoOn) {
  Shared<std::atomic<int>> alive;
  LiveTarget target([&] {
    for (;;) {
      usleep(1000);
      ++*alive;
    }
  });
  ASSERT_TRUE(eventually([&] { return *alive > 0; }));
  inject(target, [&](InjectedCalls &calls) {
    EXPECT_THROW(calls.call(RemoteAddr(reinterpret_cast<uint64_t>(&crash)), {}), Error);
  });
  int before = *alive;
  EXPECT_TRUE(eventually([&] { return *alive > before; }));
}

uint64_t use_vector_registers() {
  asm volatile("pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15; fldz" ::
                   : "xmm0", "xmm7", "xmm15");
  return 7;
}

// A thread that computes has live values where a called function has scratch space.
TEST(InjectedCalls, KeepVectorRegisters) {
  Shared<std::atomic<uint64_t>> rounds;
  Shared<std::atomic<uint64_t>> spoilt;
  LiveTarget target([&] {
    for (;;) {
      uint64_t x0 = 0;
      uint64_t x15 = 0;
      asm volatile("movq %2, %%xmm0; movq %2, %%xmm15; mov $20000, %%ecx; 1: dec %%ecx; jnz 1b;"
                   "movq %%xmm0, %0; movq %%xmm15, %1"
                   : "=r"(x0), "=r"(x15)
                   : "r"(uint64_t{0x1234})
                   : "rcx", "xmm0", "xmm15");
      *spoilt += x0 != 0x1234 || x15 != 0x1234;
      ++*rounds;
    }
  });
  ASSERT_TRUE(eventually([&] { return *rounds > 0; }));
  for (int i = 0; i < 50; i++) {
    inject(target, [&](InjectedCalls &calls) {
      RemoteAddr function(reinterpret_cast<uint64_t>(&use_vector_registers));
      EXPECT_EQ(calls.call(function, {}), 7u);
    });
    uint64_t before = *rounds;
    ASSERT_TRUE(eventually([&] { return *rounds > before; }));
  }
  EXPECT_EQ(*spoilt, 0u);
}

struct Lonely {
  std::atomic<uint64_t> rounds;
  std::atomic<uint64_t> spoilt;
  std::atomic<uint64_t> signals;
  std::atomic<int> inside;
  std::atomic<int> may_finish;
  std::atomic<int> finished;
};
Lonely *g_lonely = nullptr;

uint64_t spoil_everything_when_told() {
  g_lonely->inside = 1;
  while (g_lonely->may_finish == 0)
    asm volatile("");
  use_vector_registers();
  errno = 99;
  g_lonely->finished = 1;
  return 0;
}

// Nobody is there to put the thread back.
TEST(InjectedCalls, ComeBackByThemselvesWhenTheDoctorIsKilled) {
  Shared<Lonely> lonely;
  g_lonely = &*lonely;
  LiveTarget target([&] {
    signal(SIGUSR1, [](int) { ++g_lonely->signals; });
    for (;;) {
      uint64_t x0 = 0;
      uint64_t x15 = 0;
      errno = 5;
      asm volatile("movq %2, %%xmm0; movq %2, %%xmm15; mov $20000, %%ecx; 1: dec %%ecx; jnz 1b;"
                   "movq %%xmm0, %0; movq %%xmm15, %1"
                   : "=r"(x0), "=r"(x15)
                   : "r"(uint64_t{0x1234})
                   : "rcx", "xmm0", "xmm15");
      lonely->spoilt += x0 != 0x1234 || x15 != 0x1234 || errno != 5;
      ++lonely->rounds;
    }
  });
  ASSERT_TRUE(eventually([&] { return lonely->rounds > 0; }));
  for (uint64_t i = 1; i <= 5; i++) {
    lonely->inside = lonely->may_finish = lonely->finished = 0;
    {
      LiveTarget doctor([&] {
        inject(target, [&](InjectedCalls &calls) {
          calls.keep_errno(RemoteAddr(reinterpret_cast<uint64_t>(&errno)));
          calls.call(RemoteAddr(reinterpret_cast<uint64_t>(&spoil_everything_when_told)), {});
        });
      });
      ASSERT_TRUE(eventually([&] { return lonely->inside == 1; }));
    } // killed
    EXPECT_EQ(lonely->finished, 0);
    lonely->may_finish = 1;
    kill(target.pid(), SIGUSR1);
    ASSERT_TRUE(eventually([&] { return lonely->finished == 1; }));
    uint64_t before = lonely->rounds;
    ASSERT_TRUE(eventually([&] { return lonely->rounds > before + 1 && lonely->signals == i; }));
  }
  EXPECT_EQ(lonely->spoilt, 0u);
}

// What a program sees of its interrupted system calls: the time asked for, and no EINTR.
TEST(InjectedCalls, LetInterruptedCallsRestart) {
  struct Outcome {
    std::atomic<int> done{0};
    int sleep_result = -1;
    int pause_errno = 0;
    double slept = 0;
  };
  Shared<Outcome> outcome;
  LiveTarget target([&] {
    timespec from{};
    timespec to{};
    timespec wanted{0, 600000000};
    clock_gettime(CLOCK_MONOTONIC, &from);
    outcome->sleep_result = nanosleep(&wanted, nullptr);
    clock_gettime(CLOCK_MONOTONIC, &to);
    outcome->slept = static_cast<double>(to.tv_sec - from.tv_sec) +
                     static_cast<double>(to.tv_nsec - from.tv_nsec) / 1e9;
    char c;
    int pipes[2];
    if (pipe(pipes) == 0) {
      outcome->done = 1;
      outcome->pause_errno = read(pipes[0], &c, 1) < 0 ? errno : 0;
    }
    outcome->done = 2;
    for (;;)
      pause();
  });
  ASSERT_TRUE(asleep(target)); // in nanosleep(), as a rule also at the next turns
  for (int i = 0; i < 5; i++) {
    inject(target, [](InjectedCalls &calls) { remote_pid(calls); });
    usleep(20000);
  }
  ASSERT_TRUE(eventually([&] { return outcome->done == 1; }));
  EXPECT_EQ(outcome->sleep_result, 0);
  EXPECT_GE(outcome->slept, 0.599);
  ASSERT_TRUE(asleep(target)); // in read()
  inject(target, [](InjectedCalls &calls) { remote_pid(calls); });
  ASSERT_TRUE(asleep(target)); // again, or in the pause() behind it
  EXPECT_EQ(outcome->done, 1) << "read() returned, errno " << outcome->pause_errno;
}

std::atomic<int> *g_traps = nullptr;

TEST(InjectedCalls, LeaveSignalHandlersAlone) {
  Shared<std::atomic<int>> traps;
  g_traps = &*traps;
  Shared<std::atomic<int>> ready;
  LiveTarget target([&] {
    signal(SIGTRAP, SIG_IGN);
    signal(SIGUSR1, [](int) { ++*g_traps; });
    *ready = 1;
    for (;;)
      usleep(100);
  });
  ASSERT_TRUE(eventually([&] { return *ready == 1; }));
  for (int i = 0; i < 100; i++) {
    inject(target, [&](InjectedCalls &calls) {
      kill(target.pid(), SIGUSR1);
      remote_pid(calls);
    });
    ASSERT_TRUE(eventually([&] { return *traps == i + 1; }));
  }
  kill(target.pid(), SIGTRAP); // still ignored
  usleep(20000);
  EXPECT_TRUE(process_alive(target.pid()));
}

// No system call but getpid passes: as root the filter is suspended for the call.
TEST(InjectedCalls, PassSeccompFilters) {
  if (geteuid() != 0)
    GTEST_SKIP() << "needs CAP_SYS_ADMIN";
  LiveTarget target([] {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pause, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    sock_fprog program{4, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    for (;;)
      syscall(SYS_pause);
  });
  ASSERT_TRUE(eventually([&] { return read_status(target.pid()).seccomp == 2; }));
  inject(target, [&](InjectedCalls &calls) {
    EXPECT_EQ(remote_pid(calls), static_cast<uint64_t>(target.pid()));
  });
  usleep(20000);
  EXPECT_TRUE(process_alive(target.pid()));
}

} // namespace
} // namespace care
