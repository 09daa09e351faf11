// SPDX-License-Identifier: GPL-2.0-or-later
//
// Stopping live processes, and what they notice of it: nothing.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <sys/ptrace.h>

#include "lib/base/error.h"
#include "lib/control/stopped_threads.h"
#include "lib/process/process.h"
#include "tests/unit/process/live_target.h"

namespace care {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(StoppedThreads, StopsAllAndLetsThemGo) {
  Shared<std::atomic<uint64_t>> ticks;
  LiveTarget target([&] {
    for (int i = 0; i < 8; i++)
      std::thread([&] {
        for (;;) {
          ++*ticks;
          usleep(100);
        }
      }).detach();
    for (;;)
      pause();
  });
  ASSERT_TRUE(eventually([&] { return list_threads(target.pid()).size() == 9; }));
  ASSERT_TRUE(eventually([&] { return *ticks > 100; }));
  StoppedThreads threads(target.pid());
  threads.seize_all();
  ASSERT_TRUE(threads.stop(seconds(60)));
  EXPECT_EQ(threads.stopped().size(), 9u);
  uint64_t before = *ticks;
  usleep(20000);
  EXPECT_EQ(*ticks, before);
  threads.release();
  EXPECT_TRUE(eventually([&] { return *ticks > before; }));
  EXPECT_GT(threads.stop_time().count(), 20000000);
  EXPECT_EQ(read_status(target.pid()).tracer, 0);
}

TEST(StoppedThreads, FindsThreadsThatAppearMeanwhile) {
  Shared<std::atomic<int>> made;
  LiveTarget target([&] {
    for (;;) {
      std::thread([] { usleep(300); }).detach();
      ++*made;
      usleep(100);
    }
  });
  ASSERT_TRUE(eventually([&] { return *made > 10; }));
  for (int round = 0; round < 30; round++) {
    StoppedThreads threads(target.pid());
    threads.seize_all();
    ASSERT_TRUE(threads.stop(seconds(60)));
    // Nobody runs: every thread that /proc lists is in a tracing stop, or a zombie.
    for (pid_t tid : list_threads(target.pid())) {
      char state = read_status(tid).state;
      EXPECT_TRUE(state == 't' || state == 'Z') << state;
    }
  }
}

std::atomic<uint64_t> *g_signals = nullptr;

TEST(StoppedThreads, LosesAndDoublesNoSignal) {
  Shared<std::atomic<uint64_t>> received;
  g_signals = &*received;
  LiveTarget target([&] {
    struct sigaction action {};
    action.sa_sigaction = [](int, siginfo_t *info, void *) {
      if (info->si_code == SI_QUEUE) // and none that a tracer made up
        ++*g_signals;
    };
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGRTMIN, &action, nullptr);
    for (;;)
      pause();
  });
  ASSERT_TRUE(asleep(target)); // with its handler
  uint64_t sent = 0;
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < 5; i++)
      sent += sigqueue(target.pid(), SIGRTMIN, {}) == 0;
    StoppedThreads threads(target.pid());
    threads.seize_all();
    sent += sigqueue(target.pid(), SIGRTMIN, {}) == 0;
    ASSERT_TRUE(threads.stop(seconds(60)));
    sent += sigqueue(target.pid(), SIGRTMIN, {}) == 0;
  }
  EXPECT_TRUE(eventually([&] { return *received >= sent; }));
  EXPECT_EQ(*received, sent);
}

TEST(StoppedThreads, KeepsAStoppedProcessStopped) {
  LiveTarget target([] {
    for (;;)
      pause();
  });
  kill(target.pid(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return read_status(target.pid()).state == 'T'; }));
  {
    StoppedThreads threads(target.pid());
    threads.seize_all();
    ASSERT_TRUE(threads.stop(seconds(60)));
  }
  EXPECT_TRUE(eventually([&] { return read_status(target.pid()).state == 'T'; }));
  kill(target.pid(), SIGCONT);
  EXPECT_TRUE(eventually([&] { return read_status(target.pid()).state == 'S'; }));
}

TEST(StoppedThreads, NamesTheTracerOfATracedProcess) {
  LiveTarget target([] {
    for (;;)
      pause();
  });
  Shared<std::atomic<int>> ready;
  LiveTarget tracer([&] {
    ptrace(PTRACE_SEIZE, target.pid(), 0, 0);
    *ready = 1;
    for (;;)
      pause();
  });
  ASSERT_TRUE(eventually([&] { return *ready == 1; }));
  StoppedThreads threads(target.pid());
  try {
    threads.seize_all();
    FAIL() << "not refused";
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::no_permission);
    EXPECT_NE(e.message().find(std::to_string(tracer.pid())), std::string::npos) << e.message();
  }
}

TEST(StoppedThreads, SaysThatAProcessIsGone) {
  pid_t pid = 0;
  {
    LiveTarget target([] { pause(); });
    pid = target.pid();
  }
  try {
    Process process(pid);
    FAIL() << "not refused";
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::no_process);
  }
}

// A thread that is to be borrowed ends first: the process is there all the same.
TEST(StoppedThreads, TakesTheEndOfOneThreadForNoMore) {
  Shared<std::atomic<bool>> may_end;
  LiveTarget target([&] {
    std::thread([&] {
      while (!*may_end)
        usleep(1000);
    }).detach();
    for (;;)
      pause();
  });
  ASSERT_TRUE(eventually([&] { return list_threads(target.pid()).size() == 2; }));
  std::vector<pid_t> tids = list_threads(target.pid());
  pid_t other = tids[0] == target.pid() ? tids[1] : tids[0];
  {
    StoppedThreads threads(target.pid());
    ASSERT_TRUE(threads.seize_one(other));
    *may_end = true;
    ASSERT_TRUE(eventually([&] { return read_status(other).state == 'Z'; })); // until we wait
    EXPECT_TRUE(threads.stop(seconds(60), false));
    EXPECT_TRUE(threads.stopped().empty());
  }
  StoppedThreads threads(target.pid());
  threads.seize_all();
  EXPECT_TRUE(threads.stop(seconds(60)));
  EXPECT_EQ(threads.stopped().size(), 1u);
}

TEST(StoppedThreads, GivesUpOnAThreadThatDoesNotStop) {
  // The parent of a vfork child waits where no signal reaches it.
  Shared<std::atomic<int>> may_end;
  LiveTarget target([&] {
    if (vfork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      while (*may_end == 0)
        usleep(1000);
      _exit(0);
    }
    for (;;)
      pause();
  });
  ASSERT_TRUE(eventually([&] { return read_status(target.pid()).state == 'D'; }));
  {
    StoppedThreads threads(target.pid());
    threads.seize_all();
    EXPECT_FALSE(threads.stop(milliseconds(50)));
  }
  *may_end = 1;
  // It comes to its stop now, and stays there: it is ours still.
  ASSERT_TRUE(eventually([&] { return read_status(target.pid()).state != 'D'; }));
  StoppedThreads threads(target.pid());
  threads.seize_all();
  EXPECT_TRUE(threads.stop(seconds(60)));
}

} // namespace
} // namespace care
