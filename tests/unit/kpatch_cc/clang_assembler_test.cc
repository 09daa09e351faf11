// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/clang_assembler.h"

#include <gtest/gtest.h>

namespace care::cc {
namespace {

TEST(ClangText, RestOfAProbedFrameIsTakenWithFourBytes) {
  std::string probe = "f:\n\tsubq\t$4096, %rsp   # imm = 0x1000\n\tmovq\t$0, (%rsp)\n";
  EXPECT_EQ(keep_encodings(probe + "\tsubq\t$16, %rsp\n\tret\n"),
            probe + "\t.byte 0x48, 0x81, 0xec, 16, 0, 0, 0\n\tret\n\n\t.set .Lkpatch_one, 1\n");
  EXPECT_EQ(keep_encodings(probe + "\tsubq\t$200, %rsp\n"), "");
  EXPECT_EQ(keep_encodings(probe + "\tpushq\t%rax\n\tsubq\t$16, %rsp\n"), "");
  EXPECT_EQ(keep_encodings("f:\n\tmovq\t$0, (%rsp)\n\tsubq\t$16, %rsp\n"), "");
}

TEST(ClangText, CompiledTextIsKnownBehindAnyFirstLines) {
  EXPECT_TRUE(is_clang_output("\t.text\n\t.section\t.note.gnu.property,\"a\",@note\n"
                              "f:\n\tretq\n\t.addrsig\n"));
  EXPECT_FALSE(is_clang_output("\t.text\n\t.file\t\"a.s\"\nf:\n\tretq\n"));
}

TEST(ClangText, NothingToKeepLeavesTheTextAlone) {
  EXPECT_EQ(keep_encodings("\n\tshll\t$2, %eax\n\tfmul\t%st(1), %st\n"), "");
}

TEST(ClangText, AShiftByOneKeepsItsImmediate) {
  EXPECT_EQ(keep_encodings("f:\n\tshll\t$1, %eax\n\tsarq\t$1, (%rdi)\n\tret\n"),
            "f:\n\tshll\t$.Lkpatch_one, %eax\n\tsarq\t$.Lkpatch_one, (%rdi)\n\tret\n"
            "\n\t.set .Lkpatch_one, 1\n");
}

TEST(ClangText, MultiplyingTheTopOfTheStackByItselfKeepsItsEncoding) {
  EXPECT_EQ(keep_encodings("f:\n\tfmul\t%st, %st(0)\n\tret\n"),
            "f:\n\t.byte 0xdc, 0xc8\n\tret\n\n\t.set .Lkpatch_one, 1\n");
}

TEST(ClangText, AnAccumulatorAndAnAddressKeepTheShortForm) {
  EXPECT_EQ(keep_encodings("f:\n\tcmpq\t$name, %rax\n\tadcq\t$.Lstr+4, %rax  # note\n\tret\n"),
            "f:\n\t.byte 0x48, 0x3d; .type name, @notype; .reloc ., R_X86_64_32S, name; .long 0\n"
            "\t.byte 0x48, 0x15; .reloc ., R_X86_64_32S, .Lstr+4; .long 0  # note\n\tret\n"
            "\n\t.set .Lkpatch_one, 1\n");
  EXPECT_EQ(keep_encodings("f:\n\torl\t$a, %eax\n\tsubw\t$\"a b\"-1, %ax\n"),
            "f:\n\t.byte 0x0d; .type a, @notype; .reloc ., R_X86_64_32, a; .long 0\n"
            "\t.byte 0x66, 0x2d; .type \"a b\", @notype; .reloc ., R_X86_64_16, \"a b\"-1; "
            ".short 0\n\n\t.set .Lkpatch_one, 1\n");
}

TEST(ClangText, OtherOperandsOfAnAddressAreFourBytesAtOnce) {
  EXPECT_EQ(keep_encodings("f:\n\tcmpq\t$.La, %rcx\n\taddl\t$.La+8, %r9d\n"
                           "\tcmpq\t$.La, -8(%rbp)\n\tcmpq\t$.La, (%rax,%rbx,8)\n"
                           "\tpushq\t$.La\n\timulq\t$.La, %rax, %rcx\n"),
            "f:\n\t.byte 0x48, 0x81, 0xf9; .reloc ., R_X86_64_32S, .La; .long 0\n"
            "\t.byte 0x41, 0x81, 0xc1; .reloc ., R_X86_64_32, .La+8; .long 0\n"
            "\t.byte 0x48, 0x81, 0x7d, 0xf8; .reloc ., R_X86_64_32S, .La; .long 0\n"
            "\t.byte 0x48, 0x81, 0x3c, 0xd8; .reloc ., R_X86_64_32S, .La; .long 0\n"
            "\t.byte 0x68; .reloc ., R_X86_64_32S, .La; .long 0\n"
            "\t.byte 0x48, 0x69, 0xc8; .reloc ., R_X86_64_32S, .La; .long 0\n"
            "\n\t.set .Lkpatch_one, 1\n");
}

TEST(ClangText, AnAddressBesideAnotherHasItsOwnRelocation) {
  EXPECT_EQ(keep_encodings("f:\n\tcmpq\t$.La, .Lb+16(%rip)   # note\n\tcmpq\t$.La, .Lb(,%rax,8)\n"),
            "f:\n\t.byte 0x48, 0x81, 0x3d; .reloc ., R_X86_64_PC32, .Lb+8; .long 0; "
            ".reloc ., R_X86_64_32S, .La; .long 0   # note\n"
            "\t.byte 0x48, 0x81, 0x3c, 0xc5; .reloc ., R_X86_64_32S, .Lb; .long 0; "
            ".reloc ., R_X86_64_32S, .La; .long 0\n\n\t.set .Lkpatch_one, 1\n");
}

TEST(ClangText, OtherOperandsHaveOneFormOrAreLeftAlone) {
  for (const char *line :
       {"cmpq\t$1, %rax", "cmpq\t$-1, %rax", "cmpq\t$name, %fs:0", "testq\t$name, %rax",
        "cmpb\t$name, %al", "cmpq\t$name@ABS8, %rax", "cmpq\t$a-b, %rax", "movq\t$name, %rax",
        "cmpq\t%rax, %rcx", "imulq\t$name, %rax", "cmpq\t$name"})
    EXPECT_EQ(keep_encodings(std::string("f:\n\t") + line + "\n"), "") << line;
}

TEST(ClangText, WrittenAssemblyIsTextForTheCompilerToo) {
  EXPECT_EQ(keep_encodings("f:\n\t#APP\n\tshll\t$1, %eax\n\tcmpq\t$f, %rax\n\t#NO_APP\n"), "");
  std::string indent(40, ' ');
  EXPECT_EQ(keep_encodings("\t.text\n" + indent + "# Start of file scope inline assembly\n" +
                           "\tshll\t$1, %eax\n" + indent + "# End of file scope inline assembly\n"),
            "");
}

} // namespace
} // namespace care::cc
