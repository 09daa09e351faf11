// SPDX-License-Identifier: GPL-2.0-or-later
//
// The safety check on live threads: what it must see, and what it must not fear.
#include <atomic>
#include <ctime>
#include <thread>

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <ucontext.h>

#include "lib/coroutines/code_map.h"
#include "lib/process/process.h"
#include "tests/stops/both_answers.h"
#include "tests/unit/process/live_target.h"

// The linker's names for the ends of a section.
#define ENDS_OF(name)                                                                              \
  extern "C" const char begin_of_##name[] asm("__start_code_" #name);                              \
  extern "C" const char end_of_##name[] asm("__stop_code_" #name)
ENDS_OF(spin_on_clock);
ENDS_OF(wait_inside);
ENDS_OF(wait_outside);
ENDS_OF(never_called);

namespace care {
namespace {

using std::chrono::seconds;

// A section for each: the linker tells where it begins and ends.
#define APART(section_name) __attribute__((noinline, section(section_name)))

struct Flags {
  std::atomic<int> ready{0};
  std::atomic<int> leave{0};
};

APART("code_spin_on_clock") void spin_on_clock(Flags &flags) {
  timespec now;
  flags.ready = 1;
  while (!flags.leave)
    clock_gettime(CLOCK_MONOTONIC, &now);
  asm volatile("" ::: "memory");
}

APART("code_wait_inside") void wait_inside(Flags &flags) {
  flags.ready = 1;
  while (!flags.leave)
    pause();
  asm volatile("" ::: "memory");
}

APART("code_wait_outside") void wait_outside(Flags &flags) {
  flags.ready = 1;
  while (!flags.leave)
    pause();
  asm volatile("" ::: "memory");
}

// Nobody calls it, and no stack has ever held its address: a child of this program
// inherits the stack of all tests before.
APART("code_never_called") void never_called(Flags &flags) {
  flags.ready = 3;
  asm volatile("" ::: "memory");
}

RemoteRange between(const char *begin, const char *end) {
  return {RemoteAddr(reinterpret_cast<uint64_t>(begin)),
          RemoteAddr(reinterpret_cast<uint64_t>(end))};
}

// However long the compiler (or a sanitizer) makes it.
RemoteRange code_of(void (*function)(Flags &)) {
  if (function == spin_on_clock)
    return between(begin_of_spin_on_clock, end_of_spin_on_clock);
  if (function == wait_inside)
    return between(begin_of_wait_inside, end_of_wait_inside);
  if (function == wait_outside)
    return between(begin_of_wait_outside, end_of_wait_outside);
  return between(begin_of_never_called, end_of_never_called);
}

struct Answer {
  bool safe = false;
  Obstacle obstacle;
  SafetyStats stats;
};

Answer ask(const LiveTarget &target, void (*function)(Flags &),
           const std::function<bool(RemoteAddr)> &made_by_hand = {}) {
  Process process(target.pid());
  RemoteMemory memory(target.pid());
  CachedMemory cache(memory);
  MemoryMap map = process.read_map();
  SafetyQuestion question{ForbiddenCode({{code_of(function), "the function"}}),
                          unwind_tables(find_objects(map, cache)), map, made_by_hand};
  StoppedThreads threads(target.pid());
  threads.seize_all();
  EXPECT_TRUE(threads.stop(seconds(60)));
  Answer answer;
  std::optional<Obstacle> obstacle = check_safety(threads, question, memory, answer.stats);
  answer.safe = !obstacle;
  if (obstacle)
    answer.obstacle = *obstacle;
  return answer;
}

TEST(Safety, ScanAloneProvesThreadsElsewhere) {
  Shared<Flags> flags;
  LiveTarget target([&] {
    std::thread([&] { wait_outside(*flags); }).detach();
    std::thread([&] { wait_outside(*flags); }).join();
  });
  ASSERT_TRUE(asleep(target, 3));
  Answer answer = ask(target, wait_inside);
  EXPECT_TRUE(answer.safe);
  EXPECT_EQ(answer.stats.threads, 3u);
  EXPECT_EQ(answer.stats.unwound, 0u);
}

TEST(Safety, SeesAThreadThatWillReturnIntoTheFunction) {
  Shared<Flags> flags;
  LiveTarget target([&] { std::thread([&] { wait_inside(*flags); }).join(); });
  ASSERT_TRUE(asleep(target, 2));
  Answer answer = ask(target, wait_inside);
  EXPECT_FALSE(answer.safe);
  EXPECT_EQ(answer.obstacle.function, "the function");
  EXPECT_NE(answer.obstacle.tid, target.pid());
}

// The vdso has no file: tools that look for one lose the stack there and take the
// function for free.
TEST(Safety, SeesAThreadThatIsInTheVdsoForTheFunction) {
  Shared<Flags> flags;
  LiveTarget target([&] { spin_on_clock(*flags); });
  ASSERT_TRUE(eventually([&] { return flags->ready == 1; }));
  for (int i = 0; i < 200; i++) {
    Answer answer = ask(target, spin_on_clock);
    ASSERT_FALSE(answer.safe) << i;
    ASSERT_EQ(answer.obstacle.function, "the function") << i << ": " << answer.obstacle.text({});
  }
}

// A word on the stack that looks like a return address costs an unwind, no more.
TEST(Safety, UnwindsPastAStaleWord) {
  Shared<Flags> flags;
  LiveTarget target([&] {
    volatile uint64_t stale[4] = {reinterpret_cast<uint64_t>(&wait_inside) + 5};
    wait_outside(*flags);
    stale[1] = stale[0];
  });
  ASSERT_TRUE(eventually([&] { return flags->ready == 1; }));
  ASSERT_TRUE(asleep(target));
  Answer answer = ask(target, wait_inside);
  EXPECT_TRUE(answer.safe) << answer.obstacle.text({});
  EXPECT_EQ(answer.stats.unwound, 1u);
}

Flags *g_flags = nullptr;

// Through a signal frame, from an alternate stack.
TEST(Safety, SeesTheFunctionBelowASignalHandler) {
  Shared<Flags> flags;
  g_flags = &*flags;
  LiveTarget target([&] {
    static char alternate[64 * 1024];
    stack_t stack{alternate, 0, sizeof alternate};
    sigaltstack(&stack, nullptr);
    struct sigaction action {};
    action.sa_flags = SA_ONSTACK;
    action.sa_handler = [](int) {
      g_flags->ready = 2;
      for (;;)
        pause();
    };
    sigaction(SIGUSR1, &action, nullptr);
    wait_inside(*flags);
  });
  ASSERT_TRUE(eventually([&] { return flags->ready == 1; }));
  kill(target.pid(), SIGUSR1);
  ASSERT_TRUE(eventually([&] { return flags->ready == 2; }));
  ASSERT_TRUE(asleep(target));
  Answer inside = ask(target, wait_inside);
  EXPECT_FALSE(inside.safe);
  EXPECT_EQ(inside.obstacle.function, "the function");
  EXPECT_TRUE(ask(target, wait_outside).safe);
}

// The thread runs a coroutine: its own stack, which lies waiting, counts too.
TEST(Safety, SeesTheFunctionOnTheStackThatACoroutineLeft) {
  Shared<Flags> flags;
  g_flags = &*flags;
  LiveTarget target([&] {
    static char stack[64 * 1024];
    static ucontext_t home;
    static ucontext_t away;
    getcontext(&away);
    away.uc_stack.ss_sp = stack;
    away.uc_stack.ss_size = sizeof stack;
    away.uc_link = &home;
    makecontext(
        &away, +[] { wait_outside(*g_flags); }, 0);
    struct sigaction action {};
    action.sa_handler = [](int) { swapcontext(&home, &away); };
    sigaction(SIGUSR1, &action, nullptr);
    wait_inside(*flags);
  });
  ASSERT_TRUE(eventually([&] { return flags->ready == 1; }));
  flags->ready = 0;
  kill(target.pid(), SIGUSR1);
  ASSERT_TRUE(eventually([&] { return flags->ready == 1; }));
  ASSERT_TRUE(asleep(target));
  EXPECT_FALSE(ask(target, wait_inside).safe);
  EXPECT_FALSE(ask(target, wait_outside).safe);
  // glibc's coroutines have no end that unwind information declares: not knowing is
  // not safe, for whatever function.
  Answer answer = ask(target, never_called);
  EXPECT_FALSE(answer.safe);
  EXPECT_EQ(answer.obstacle.function, "");
  // Its end is code that no call precedes: whoever knows that knows the whole stack.
  auto by_hand = [&](RemoteAddr pc) {
    Process process(target.pid());
    RemoteMemory memory(target.pid());
    CachedMemory cache(memory);
    MemoryMap map = process.read_map();
    std::vector<UnwindTable> tables = unwind_tables(find_objects(map, cache));
    CodeMap code(map, tables, memory);
    return code.executable(pc) && !code.is_return_address(pc) && !code.is_signal_return(pc);
  };
#ifndef __SANITIZE_ADDRESS__ // which puts a call of its own in front of the end
  EXPECT_TRUE(ask(target, never_called, by_hand).safe);
#endif
  EXPECT_FALSE(ask(target, wait_inside, by_hand).safe);
  EXPECT_FALSE(ask(target, wait_outside, by_hand).safe);
}

// Both answers over many stops of a busy program: the scan alone never calls safe
// what the exact stack calls unsafe.
TEST(Safety, ScanIsNeverMoreTrustingThanTheUnwinder) {
  Shared<std::atomic<uint64_t>> rounds;
  LiveTarget target([&] {
    auto work = [&] {
      for (;; ++*rounds) {
        Flags mine;
        mine.leave = 1;
        spin_on_clock(mine);
        wait_outside(mine);
        char text[64];
        snprintf(text, sizeof text, "%d %f", 5, 2.5);
      }
    };
    std::thread(work).detach();
    work();
  });
  Process process(target.pid());
  RemoteMemory memory(target.pid());
  int inside = 0;
  for (int i = 0; i < 300; i++) {
    // On a busy machine it would stand where it stood.
    uint64_t before = *rounds;
    ASSERT_TRUE(eventually([&] { return *rounds > before; }));
    CachedMemory cache(memory);
    MemoryMap map = process.read_map();
    std::vector<UnwindTable> tables = unwind_tables(find_objects(map, cache));
    SafetyQuestion question{ForbiddenCode({{code_of(spin_on_clock), "f"}}), tables, map};
    StoppedThreads threads(target.pid());
    threads.seize_all();
    ASSERT_TRUE(threads.stop(seconds(60)));
    SafetyStats stats;
    bool safe = !check_safety(threads, question, memory, stats);
    for (pid_t tid : threads.stopped()) {
      user_regs_struct regs{};
      ASSERT_EQ(ptrace(PTRACE_GETREGS, tid, 0, &regs), 0);
      CachedMemory fresh(memory);
      for (const Frame &f : unwind(regs, tables, fresh).frames) {
        if (question.forbidden.holds(f.code())) {
          inside++;
          EXPECT_FALSE(safe);
        }
      }
    }
  }
  EXPECT_GT(inside, 0); // else the test showed nothing
}

TEST(ForbiddenCode, TakesBothEndsForReturnAddresses) {
  ForbiddenCode code({{{RemoteAddr(100), RemoteAddr(110)}, "a"},
                      {{RemoteAddr(200), RemoteAddr(210)}, "b"},
                      {{RemoteAddr(50), RemoteAddr(50)}, "empty"}});
  EXPECT_TRUE(code.may_lead_into(100));
  EXPECT_TRUE(code.may_lead_into(110));
  EXPECT_FALSE(code.may_lead_into(99));
  EXPECT_FALSE(code.may_lead_into(111));
  EXPECT_FALSE(code.may_lead_into(50));
  EXPECT_TRUE(code.may_lead_into(205));
  EXPECT_EQ(code.holds(RemoteAddr(110)), nullptr);
  EXPECT_EQ(code.holds(RemoteAddr(200))->name, "b");
  EXPECT_FALSE(ForbiddenCode().may_lead_into(0));
}

} // namespace
} // namespace care
