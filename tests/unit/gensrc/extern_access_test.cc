// SPDX-License-Identifier: GPL-2.0-or-later
//
// Rewritten accesses: the text for typical forms, and what they do when run. Each
// run assembles a function with the original instruction and one with the
// rewritten one, calls both with the same registers, flags and red zone, and
// compares all of it afterwards.
#include <dlfcn.h>
#include <sstream>

#include <string>

#include <gtest/gtest.h>

#include "kpatch_gensrc/emit/extern_access.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"

namespace care::gensrc {
namespace {

std::string reach(std::string_view instruction, bool adjust_cfa = false) {
  ValueSlots slots = {{"x", "x@GOTPCREL(%rip)"}, {"y", "y@GOTPCREL(%rip)"}};
  return load_values(instruction, slots, adjust_cfa);
}

TEST(ExternAccess, LoadUsesItsDestination) {
  EXPECT_EQ(reach("movl\tx(%rip), %eax"), "\tmovq\tx@GOTPCREL(%rip), %rax\n\tmovl\t(%rax), %eax\n");
  EXPECT_EQ(reach("movzbl\tx+3(%rip), %r9d"),
            "\tmovq\tx@GOTPCREL(%rip), %r9\n\tmovzbl\t3(%r9), %r9d\n");
}

TEST(ExternAccess, AddressIsTakenFromTheTable) {
  EXPECT_EQ(reach("leaq\tx(%rip), %rdi"), "\tmovq\tx@GOTPCREL(%rip), %rdi\n");
  EXPECT_EQ(reach("leaq\tx+8(%rip), %rdi"),
            "\tmovq\tx@GOTPCREL(%rip), %rdi\n\tleaq\t8(%rdi), %rdi\n");
  EXPECT_EQ(reach("movl\t$x, %edi"), "\tmovq\tx@GOTPCREL(%rip), %rdi\n");
  EXPECT_EQ(reach("movl\t$x-4, %edi"), "\tmovq\tx@GOTPCREL(%rip), %rdi\n\tleaq\t-4(%rdi), %rdi\n");
}

TEST(ExternAccess, ImmediateBecomesMemoryOperand) {
  EXPECT_EQ(reach("cmpq\t$x, %rax"), "\tcmpq\tx@GOTPCREL(%rip), %rax\n");
  EXPECT_EQ(reach("pushq\t$x"), "\tpushq\tx@GOTPCREL(%rip)\n");
}

TEST(ExternAccess, CallsGoThroughR11) {
  EXPECT_EQ(reach("call\t*x(%rip)"), "\tmovq\tx@GOTPCREL(%rip), %r11\n\tcall\t*(%r11)\n");
  EXPECT_EQ(reach("notrack jmp\t*x(,%rax,8)"),
            "\tmovq\tx@GOTPCREL(%rip), %r11\n\tnotrack jmp\t*(%r11,%rax,8)\n");
}

TEST(ExternAccess, BorrowedRegisterKeepsRedZoneAndFrame) {
  EXPECT_EQ(reach("addl\t$1, x(%rip)", true),
            "\tleaq\t-128(%rsp), %rsp\n\t.cfi_adjust_cfa_offset 128\n\tpushq\t%r11\n"
            "\t.cfi_adjust_cfa_offset 8\n\tmovq\tx@GOTPCREL(%rip), %r11\n"
            "\taddl\t$1, (%r11)\n\tpopq\t%r11\n\t.cfi_adjust_cfa_offset -8\n"
            "\tleaq\t128(%rsp), %rsp\n\t.cfi_adjust_cfa_offset -128\n");
}

TEST(ExternAccess, HighByteTakesARegisterWithoutRex) {
  std::string text = reach("movb\t%ah, x(%rip)");
  EXPECT_NE(text.find("movb\t%ah, (%rsi)"), std::string::npos) << text;
}

TEST(ExternAccess, WhatCannotBeRewrittenIsRefused) {
  for (const char *text :
       {"addl\t$x, %eax", "movq\tx(%rip), %rsp", "popq\tx(%rip)", "movq\t%rsp, x(%rip)",
        "leal\tx(%rip), %eax", "movq\t%fs:x, %rax", "movabsq\tx, %rax", "movl\tx-y(%rip), %eax"})
    EXPECT_THROW(reach(text), Error) << text;
}

// ---- running them -------------------------------------------------------------

// State before and after: rax rbx rcx rdx rsi rdi rbp r8..r15, flags, the red zone's
// sixteen words, xmm0 (low), x (4 words), y (2 words).
struct Machine {
  uint64_t registers[15];
  uint64_t flags;
  uint64_t red_zone[16];
  uint64_t xmm0;
};

// A function NAME(Machine *) that loads the state, runs `body`, stores the state.
// The pointer is kept in the function's own frame, above the red zone.
std::string harness(const std::string &name, const std::string &body) {
  static constexpr const char *kNames[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rbp", "r8", "r9",
                                           "r10", "r11", "r12", "r13", "r14", "r15", "rdi"};
  std::string out = fmt::format("\t.globl {0}\n\t.type {0}, @function\n{0}:\n", name);
  for (const char *reg : {"rbx", "rbp", "r12", "r13", "r14", "r15", "rdi"})
    out += fmt::format("\tpushq %{}\n", reg);
  for (int i = 0; i < 16; i++)
    out += fmt::format("\tmovq {}(%rdi), %rax\n\tmovq %rax, {}(%rsp)\n", 128 + i * 8, -128 + i * 8);
  out += "\tmovsd 256(%rdi), %xmm0\n\tleaq -128(%rsp), %rsp\n\tpushq 120(%rdi)\n\tpopfq\n"
         "\tleaq 128(%rsp), %rsp\n";
  for (int i = 0; i < 15; i++)
    out += fmt::format("\tmovq {}(%rdi), %{}\n", i * 8, kNames[i]);
  out += body;
  // %rsp must be as it was: the pointer is found through it.
  out += "\txchgq (%rsp), %rdi\n";
  for (int i = 0; i < 14; i++)
    out += fmt::format("\tmovq %{}, {}(%rdi)\n", kNames[i], i * 8);
  for (int i = 0; i < 16; i++)
    out += fmt::format("\tmovq {}(%rsp), %rax\n\tmovq %rax, {}(%rdi)\n", -128 + i * 8, 128 + i * 8);
  out += "\tmovq (%rsp), %rax\n\tmovq %rax, 112(%rdi)\n\tmovsd %xmm0, 256(%rdi)\n"
         "\tpushfq\n\tpopq 120(%rdi)\n\tpopq %rdi\n";
  for (const char *reg : {"r15", "r14", "r13", "r12", "rbp", "rbx"})
    out += fmt::format("\tpopq %{}\n", reg);
  return out + fmt::format("\tret\n\t.size {0}, .-{0}\n", name);
}

class RunAccess : public ::testing::TestWithParam<const char *> {};

// Builds both variants into one library each with its own x and y, and runs them.
TEST_P(RunAccess, DoesTheSame) {
  std::string instruction = GetParam();
  TempFolder folder;
  const std::string &base = folder.path();
  auto build = [&](const std::string &variant, const std::string &body) {
    std::string text = "\t.text\n" + harness("run_it", body) +
                       "\t.data\n\t.balign 16\n\t.globl x, y\n\t.hidden x, y\n"
                       "x:\t.quad 0x1122334455667788, 2, 3, 4\n"
                       "y:\t.quad 5, 6\n\t.globl data_of\ndata_of = x\n"
                       "\t.section .note.GNU-stack,\"\"\n";
    write_file(base + "/" + variant + ".s", text);
    Command command;
    command.argv = {"gcc", "-shared", "-o", base + "/" + variant + ".so",
                    base + "/" + variant + ".s"};
    command.capture = true;
    Outcome outcome = run(command);
    EXPECT_TRUE(outcome.ok()) << outcome.output << text;
    return dlopen((base + "/" + variant + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  };
  void *plain = build("plain", "\t" + instruction + "\n");
  std::string body;
  std::istringstream lines(instruction);
  for (std::string line; std::getline(lines, line);)
    body += line.find("x(%rip)") != line.npos ? reach(line.substr(line.find_first_not_of('\t')))
                                              : line + "\n";
  void *rewritten = build("rewritten", body);
  ASSERT_NE(plain, nullptr);
  ASSERT_NE(rewritten, nullptr);
  Machine states[2];
  for (int i = 0; i < 2; i++) {
    void *library = i == 0 ? plain : rewritten;
    auto *data = static_cast<uint64_t *>(dlsym(library, "data_of"));
    Machine &state = states[i];
    for (int r = 0; r < 15; r++)
      state.registers[r] = 1 + static_cast<uint64_t>(r % 3);
    state.flags = 0x8d7 & ~uint64_t(0x200); // carry, parity, zero, sign, overflow set
    state.flags = (state.flags | 0x202);
    for (int w = 0; w < 16; w++)
      state.red_zone[w] = 0x5a5a000000000000u + static_cast<uint64_t>(w);
    state.xmm0 = 0x3ff8000000000000u;
    reinterpret_cast<void (*)(Machine *)>(dlsym(library, "run_it"))(&state);
    // Addresses differ between the libraries: make them relative.
    for (uint64_t &reg : state.registers)
      if (reg - reinterpret_cast<uint64_t>(data) < 64)
        reg -= reinterpret_cast<uint64_t>(data);
    for (int w = 0; w < 6; w++)
      state.red_zone[w] ^= data[w] * 31;
  }
  for (int r = 0; r < 15; r++)
    EXPECT_EQ(states[0].registers[r], states[1].registers[r]) << "register " << r;
  EXPECT_EQ(states[0].flags & 0x8d5, states[1].flags & 0x8d5);
  EXPECT_EQ(states[0].xmm0, states[1].xmm0);
  for (int w = 0; w < 16; w++)
    EXPECT_EQ(states[0].red_zone[w], states[1].red_zone[w]) << "red zone word " << w;
  dlclose(plain);
  dlclose(rewritten);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RunAccess,
    ::testing::Values(
        "movl x(%rip), %eax", "movq x+8(%rip), %r13", "movb x(%rip), %al", "movw x+2(%rip), %bx",
        "movb x+1(%rip), %ah", "movb %ch, x(%rip)", "movb %sil, x+9(%rip)", "movb %r8b, x(%rip)",
        "movq %r11, x(%rip)", "addl $7, x(%rip)", "adcq x+8(%rip), %rdx", "adcq %rdx, x+8(%rip)",
        "cmpl %eax, x(%rip)", "testb $4, x(%rip)", "lock addq $3, x+16(%rip)",
        "lock cmpxchgq %rcx, x+8(%rip)", "xchgq %r10, x(%rip)", "incl x(%rip)", "setc x(%rip)",
        "cmovcq x(%rip), %r9", "imulq $3, x(%rip), %rdx", "mulq x+8(%rip)", "shlq %cl, x(%rip)",
        "movsd x(%rip), %xmm0", "addsd x+8(%rip), %xmm0", "movsd %xmm0, x(%rip)",
        "movzbl x+3(%rip), %r14d", "leaq x+24(%rip), %rbp", "movaps x(%rip), %xmm0", "rolb x(%rip)",
        "vmovsd x(%rip), %xmm0", "vaddsd x+8(%rip), %xmm0, %xmm0",
        "vpinsrq $0, x+8(%rip), %xmm0, %xmm0", "vpextrb $0, %xmm0, x(%rip)", "btq $3, x(%rip)",
        "lock btsl $5, x(%rip)", "btcl %eax, x(%rip)", "pushq x(%rip)\n\tpopq %rax",
        "fldl x(%rip)\n\tfstpl x+8(%rip)", "lock xaddq %rdx, x+8(%rip)", "cmpxchg16b x(%rip)",
        "movbeq x(%rip), %rdx", "bsfq x+8(%rip), %rdx", "shldq $3, %rdx, x(%rip)",
        "shldl %cl, %eax, x(%rip)", "movabsq $x, %rdx", "pextrd $0, %xmm0, x(%rip)",
        "movq %xmm0, x(%rip)", "cvtsi2sdq x(%rip), %xmm0", "movslq x(%rip), %rcx", "divq x+8(%rip)",
        "negb x(%rip)", "rorxq $3, x(%rip), %rdx", "andnq x(%rip), %rcx, %rdx",
        "adcxq x+8(%rip), %rcx", "prefetcht0 x(%rip)", "stmxcsr x(%rip)\n\tldmxcsr x(%rip)"));

} // namespace
} // namespace care::gensrc
