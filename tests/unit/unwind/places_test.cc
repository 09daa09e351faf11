// SPDX-License-Identifier: GPL-2.0-or-later
//
// The safety check and the odd places that a thread can be in: its code is written in
// assembly, so that each thread spins exactly where the test wants it.
#include <thread>

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "lib/process/process.h"
#include "tests/stops/both_answers.h"
#include "tests/unit/process/live_target.h"

// Places in code, each a symbol of its own; the functions are [place_X, place_X_end).
asm(R"(
  .text
  .p2align 4
place_before:                 # ends with a call that does not return
  .cfi_startproc
  subq $8, %rsp
  .cfi_adjust_cfa_offset 8
  call *%rdi
  .cfi_endproc
place_entry:                  # spins on its first instruction
  .cfi_startproc
1: jmp 1b
  ret
  .cfi_endproc
place_entry_end:
  .p2align 4
place_first_bytes:            # spins inside the five bytes of a jump
  .cfi_startproc
  nop
  nop
1: jmp 1b
  ret
  .cfi_endproc
place_first_bytes_end:
  .p2align 4
place_hot:                    # goes on in its cold part, by a jump
  .cfi_startproc
  jmp place_cold
  .cfi_endproc
place_hot_end:
  .p2align 4
place_cold:
  .cfi_startproc
1: jmp 1b
  .cfi_endproc
place_cold_end:
  .p2align 4
place_stub:                   # like a PLT entry: the target's address is in a register
  .cfi_startproc
  leaq place_hot(%rip), %r11
1: jmp 1b
  jmp *%r11
  .cfi_endproc
  .p2align 4
place_leaf:                   # its frame holds nothing but the return address
  .cfi_startproc
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_offset %rbx, -16
1: jmp 1b
  popq %rbx
  .cfi_adjust_cfa_offset -8
  ret
  .cfi_endproc
)");

#define PLACE(name) extern "C" const char name[] asm("place_" #name)
PLACE(before);
PLACE(entry);
PLACE(entry_end);
PLACE(first_bytes);
PLACE(first_bytes_end);
PLACE(hot);
PLACE(hot_end);
PLACE(cold);
PLACE(cold_end);
PLACE(stub);
PLACE(leaf);
#undef PLACE

// Functions of C++ in a section each, whose ends the linker names.
#define ENDS_OF(name)                                                                              \
  extern "C" const char begin_of_##name[] asm("__start_place_" #name);                             \
  extern "C" const char end_of_##name[] asm("__stop_place_" #name)
ENDS_OF(calls_leaf);

namespace care {
namespace {

using std::chrono::seconds;

void go_to(const char *place) {
  reinterpret_cast<void (*)()>(reinterpret_cast<uint64_t>(place))();
  asm volatile("");
}

__attribute__((noinline, section("place_calls_leaf"))) void calls_leaf() {
  go_to(leaf);
  asm volatile("" ::: "memory");
}

RemoteRange code(const char *begin, const char *end) {
  return {RemoteAddr(reinterpret_cast<uint64_t>(begin)),
          RemoteAddr(reinterpret_cast<uint64_t>(end))};
}

// The target's one thread, or the other of two. (Numbers begin again: it may be the lower one.)
pid_t the_thread(pid_t pid) {
  for (pid_t tid : list_threads(pid)) {
    if (tid != pid)
      return tid;
  }
  return pid;
}

// Where that thread of the target is now.
bool is_at(pid_t pid, const char *place) {
  StoppedThreads threads(pid);
  threads.seize_all();
  user_regs_struct regs{};
  if (!threads.stop(seconds(60)) || ptrace(PTRACE_GETREGS, the_thread(pid), 0, &regs) != 0)
    return false;
  return code(place, place + 16).contains(RemoteAddr(regs.rip));
}

struct Verdict {
  bool safe = false;
  Obstacle obstacle;
};

// Also asks both halves of the check by themselves: the scan may not be the more
// trusting one.
Verdict judge(pid_t pid, const RemoteRange &forbidden) {
  Process process(pid);
  RemoteMemory memory(pid);
  CachedMemory cache(memory);
  MemoryMap map = process.read_map();
  SafetyQuestion question{ForbiddenCode({{forbidden, "the function"}}),
                          unwind_tables(find_objects(map, cache)), map};
  StoppedThreads threads(pid);
  threads.seize_all();
  EXPECT_TRUE(threads.stop(seconds(60)));
  SafetyStats stats;
  for (const BothAnswers &b : compare_answers(threads, question, memory, stats))
    EXPECT_FALSE(b.scan_says_safe && b.exact == ExactAnswer::unsafe)
        << b.obstacle.text(question.tables);
  Verdict verdict;
  std::optional<Obstacle> obstacle = check_safety(threads, question, memory, stats);
  verdict.safe = !obstacle;
  if (obstacle)
    verdict.obstacle = std::move(*obstacle);
  return verdict;
}

// A child that goes to `place` and stays there: the answer about `forbidden`.
Verdict judge_at(const char *place, const RemoteRange &forbidden, const char *stays = nullptr) {
  LiveTarget target([&] { go_to(place); });
  EXPECT_TRUE(eventually([&] { return is_at(target.pid(), stays ? stays : place); }));
  return judge(target.pid(), forbidden);
}

TEST(Places, ExactlyAtTheEntry) {
  Verdict verdict = judge_at(entry, code(entry, entry_end));
  EXPECT_FALSE(verdict.safe);
  EXPECT_EQ(verdict.obstacle.function, "the function");
}

TEST(Places, InsideTheFirstBytes) {
  Verdict verdict = judge_at(first_bytes, code(first_bytes, first_bytes_end));
  EXPECT_FALSE(verdict.safe);
  EXPECT_EQ(verdict.obstacle.function, "the function");
}

// A part of a function counts as the function does, when it is among the ranges; it is
// no frame of its own, so that nothing leads back to the other part.
TEST(Places, InTheColdPart) {
  EXPECT_FALSE(judge_at(hot, code(cold, cold_end), cold).safe);
  EXPECT_TRUE(judge_at(hot, code(hot, hot_end), cold).safe);
}

// It will come to the entry, and find the jump there.
TEST(Places, InAStubThatLeadsToTheFunction) {
  EXPECT_TRUE(judge_at(stub, code(hot, hot_end)).safe);
}

// The return address is the first byte of the next function, which nobody is in.
TEST(Places, InACallThatDoesNotReturnRightBeforeTheFunction) {
  LiveTarget target([] { asm volatile("call *%0" ::"r"(before), "D"(leaf) : "memory"); });
  ASSERT_TRUE(eventually([&] { return is_at(target.pid(), leaf); }));
  Verdict verdict = judge(target.pid(), code(entry, entry_end));
  EXPECT_TRUE(verdict.safe) << verdict.obstacle.text({});
  EXPECT_FALSE(judge(target.pid(), code(before, entry)).safe);
}

void spin_in_handler(int) {
  go_to(cold);
}

// The alternate stack is an array of an outer function: what the signal interrupted
// lies below it, where a scan upwards does not come by.
TEST(Places, OnAnAlternateStackAboveTheInterruptedOne) {
  auto body = [] {
    char alternate[64 << 10];
    stack_t stack{alternate, 0, sizeof alternate};
    sigaltstack(&stack, nullptr);
    struct sigaction action {};
    action.sa_flags = SA_ONSTACK;
    action.sa_handler = spin_in_handler;
    sigaction(SIGUSR1, &action, nullptr);
    calls_leaf();
  };
  for (bool in_thread : {false, true}) {
    LiveTarget target([&] {
      if (!in_thread)
        return body();
      std::thread(body).join();
    });
    ASSERT_TRUE(eventually([&] { return is_at(target.pid(), leaf); }));
    pid_t tid = the_thread(target.pid());
    ASSERT_EQ(syscall(SYS_tgkill, target.pid(), tid, SIGUSR1), 0);
    ASSERT_TRUE(eventually([&] { return is_at(target.pid(), cold); }));
    RemoteRange caller = code(begin_of_calls_leaf, end_of_calls_leaf);
    Verdict verdict = judge(target.pid(), caller);
    EXPECT_FALSE(verdict.safe);
    EXPECT_EQ(verdict.obstacle.function, "the function") << verdict.obstacle.text({});
    EXPECT_TRUE(judge(target.pid(), code(entry, entry_end)).safe);
  }
}

// A handler that interrupts a handler, both on the alternate stack.
TEST(Places, InANestedSignalHandler) {
  LiveTarget target([] {
    static char alternate[64 << 10];
    stack_t stack{alternate, 0, sizeof alternate};
    sigaltstack(&stack, nullptr);
    struct sigaction action {};
    action.sa_flags = SA_ONSTACK;
    action.sa_handler = [](int) { go_to(first_bytes); };
    sigaction(SIGUSR1, &action, nullptr);
    action.sa_handler = spin_in_handler;
    sigaction(SIGUSR2, &action, nullptr);
    calls_leaf();
  });
  ASSERT_TRUE(eventually([&] { return is_at(target.pid(), leaf); }));
  kill(target.pid(), SIGUSR1);
  ASSERT_TRUE(eventually([&] { return is_at(target.pid(), first_bytes); }));
  kill(target.pid(), SIGUSR2);
  ASSERT_TRUE(eventually([&] { return is_at(target.pid(), cold); }));
  EXPECT_FALSE(judge(target.pid(), code(begin_of_calls_leaf, end_of_calls_leaf)).safe);
  EXPECT_FALSE(judge(target.pid(), code(first_bytes, first_bytes_end)).safe);
  EXPECT_FALSE(judge(target.pid(), code(cold, cold_end)).safe);
  EXPECT_TRUE(judge(target.pid(), code(entry, entry_end)).safe);
}

} // namespace
} // namespace care
