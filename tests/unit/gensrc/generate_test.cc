// SPDX-License-Identifier: GPL-2.0-or-later
//
// Matching and emission on texts small enough to read.
#include <string>

#include <gtest/gtest.h>

#include "kpatch_gensrc/generate.h"
#include "lib/base/error.h"

namespace care::gensrc {
namespace {

Generated compare(const std::string &original, const std::string &patched) {
  return generate("a.s", original, "b.s", patched);
}

std::string function(const std::string &name, const std::string &body) {
  return "\t.text\n\t.globl\t" + name + "\n\t.type\t" + name + ", @function\n" + name + ":\n" +
         body + "\t.size\t" + name + ", .-" + name + "\n";
}

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

std::string refusal(const std::string &original, const std::string &patched) {
  try {
    compare(original, patched);
  } catch (const Error &e) {
    return e.message();
  }
  return "";
}

TEST(Generate, EqualTextsAreNotEvenParsed) {
  EXPECT_TRUE(compare("\t.macro nonsense", "\t.macro nonsense").appended.empty());
}

TEST(Generate, LabelNumbersAndDebugLinesDoNotMatter) {
  std::string a = function("f", ".LFB0:\n\t.loc 1 3 5\n\tjmp\t.L2\n.L2:\n.LVL7:\n\tret\n");
  std::string b = function("f", ".LFB9:\n\t.loc 1 8 5 # more\n\tjmp\t.L77\n.LVL1:\n.L77:\n\tret\n");
  EXPECT_TRUE(compare(a, b).appended.empty());
}

TEST(Generate, JumpToAnotherPlaceIsAChange) {
  std::string a = function("f", "\tjmp\t.L2\n.L2:\n\tnop\n.L3:\n\tret\n");
  std::string b = function("f", "\tjmp\t.L3\n.L2:\n\tnop\n.L3:\n\tret\n");
  EXPECT_EQ(compare(a, b).report.changed.size(), 1u);
}

TEST(Generate, NumericLabelThatMovesIsAChange) {
  std::string a = function("f", "1:\tnop\n\tdec\t%eax\n\tjne\t1b\n\tret\n");
  std::string b = function("f", "\tnop\n1:\tdec\t%eax\n\tjne\t1b\n\tret\n");
  EXPECT_EQ(compare(a, b).report.changed.size(), 1u);
}

TEST(Generate, RenumberedStringsKeepTheirOriginalLabel) {
  std::string head = "\t.section\t.rodata.str1.1,\"aMS\",@progbits,1\n";
  std::string a =
      head + ".LC0:\n\t.string\t\"x\"\n" + function("f", "\tleaq\t.LC0(%rip), %rdi\n\tret\n");
  std::string b = head + ".LC0:\n\t.string\t\"new\"\n.LC1:\n\t.string\t\"x\"\n" +
                  function("f", "\tleaq\t.LC1(%rip), %rdi\n\tleaq\t.LC0(%rip), %rsi\n\tret\n");
  Generated out = compare(a, b);
  EXPECT_TRUE(has(out.appended, "leaq\t.LC0(%rip), %rdi")) << out.appended;
  EXPECT_TRUE(has(out.appended, "leaq\t.LC0.kpatch(%rip), %rsi"));
  EXPECT_TRUE(has(out.appended, ".LC0.kpatch:\n\t.string\t\"new\""));
}

TEST(Generate, AliasedConstantsAreFollowed) {
  std::string head = "\t.section\t.rodata.cst8,\"aM\",@progbits,8\n\t.align 8\n";
  std::string a = head + ".LC3:\n\t.long\t1\n\t.long\t2\n\t.set\t.LC4,.LC3+4\n" +
                  function("f", "\tmovss\t.LC4(%rip), %xmm0\n\tret\n");
  std::string b = head + ".LC8:\n\t.long\t1\n\t.long\t2\n\t.set\t.LC9,.LC8+4\n" +
                  function("f", "\tmovss\t.LC9(%rip), %xmm1\n\tret\n");
  EXPECT_TRUE(has(compare(a, b).appended, "movss\t.LC3+4(%rip), %xmm1"));
}

TEST(Generate, StaticLocalsFollowTheirUsers) {
  auto unit = [](const std::string &in_f, const std::string &in_g, const std::string &more) {
    return function("f", "\tincl\t" + in_f + "(%rip)\n\tret\n") +
           function("g", "\tincl\t" + in_g + "(%rip)\n" + more + "\tret\n") +
           "\t.local\tbuf.0\n\t.comm\tbuf.0,4,4\n\t.local\tbuf.1\n\t.comm\tbuf.1,4,4\n";
  };
  Generated out = compare(unit("buf.0", "buf.1", ""), unit("buf.1", "buf.0", "\tnop\n"));
  ASSERT_EQ(out.report.changed.size(), 1u);
  EXPECT_EQ(out.report.changed[0].name, "g");
  EXPECT_TRUE(has(out.appended, "incl\tbuf.1(%rip)"));
}

TEST(Generate, CallsGoToReplacementsAndAddressesToOriginals) {
  std::string a = function("f", "\tret\n") + function("g", "\tret\n");
  std::string b = function("f", "\tnop\n\tret\n") +
                  function("g", "\tcall\tf\n\tleaq\tf(%rip), %rax\n\tcall\tf@PLT\n\tret\n");
  Generated out = compare(a, b);
  EXPECT_TRUE(has(out.appended, "call\tf.kpatch\n\tleaq\tf(%rip), %rax\n\tcall\tf@PLT\n"));
}

TEST(Generate, ColdPartStartsBeforeItsLabel) {
  auto unit = [](const std::string &what) {
    return "\t.section\t.text.unlikely,\"ax\",@progbits\n.LCOLDB0:\n\t.text\n.LHOTB0:\n"
           "\t.globl\tf\n\t.type\tf, @function\nf:\n.LFB0:\n\t.cfi_startproc\n\tjs\t.L3\n\tret\n"
           "\t.cfi_endproc\n\t.section\t.text.unlikely\n\t.cfi_startproc\n"
           "\t.cfi_personality 0x3,__gxx_personality_v0\n"
           "\t.type\tf.cold, @function\nf.cold:\n.LFSB0:\n.L3:\n\t" +
           what +
           "\n\tcall\tabort\n\t.cfi_endproc\n.LFE0:\n\t.text\n\t.size\tf, .-f\n"
           "\t.section\t.text.unlikely\n\t.size\tf.cold, .-f.cold\n.LCOLDE0:\n\t.text\n.LHOTE0:\n";
  };
  Generated out = compare(unit("nop"), unit("hlt"));
  EXPECT_TRUE(has(out.appended, "f.cold.kpatch:")) << out.appended;
  EXPECT_TRUE(has(out.appended, ".quad\tf, f.kpatch, f.cold, f.cold.kpatch"));
  EXPECT_EQ(out.report.changed[0].difference.part, "cold part");
}

TEST(Generate, NewNameThatTheOriginalKnowsGetsASuffix) {
  std::string a = function("f", "\tcall\thelper\n\tret\n");
  std::string b = "\t.text\n\t.type\thelper, @function\nhelper:\n\tnop\n\tret\n"
                  "\t.size\thelper, .-helper\n" +
                  function("f", "\tcall\thelper\n\tret\n");
  EXPECT_TRUE(has(compare(a, b).appended, "call\thelper.kpatch"));
}

TEST(Generate, CommentsSeparatorsAndQuotesAreUnderstood) {
  std::string a = function("f", "\tnop; nop # a; b\n\t/* c; d */ ret\n");
  std::string b = function("f", "\tnop\n\tnop\n\tret # \"\n");
  EXPECT_TRUE(compare(a, b).appended.empty());
  EXPECT_TRUE(has(refusal("", "\t.text\n\t@@ bad\n"), "b.s:2"));
}

TEST(Generate, RefusalsNameThePlace) {
  EXPECT_TRUE(has(refusal("", "\n\t.rept 3\n\t.endr\n"), "b.s:2: cannot follow .rept"));
  EXPECT_TRUE(has(refusal("", "\t.popsection\n"), "b.s:1"));
  EXPECT_TRUE(has(refusal("", "f:\nf:\n"), "a second time"));
  std::string folded = function("f", "\tret\n") + "\t.globl\tg\n\t.set\tg,f\n";
  EXPECT_TRUE(has(refusal(function("f", "\tret\n") + function("g", "\tret\n"), folded),
                  "g was a function"));
  EXPECT_TRUE(has(refusal(folded, function("f", "\tret\n") + function("g", "\tnop\n\tret\n")),
                  "g was another name of f"));
}

TEST(Generate, ChangedValueShowsBoth) {
  auto unit = [](const std::string &value) {
    return "\t.data\n\t.type\tv, @object\n\t.size\tv, 4\nv:\n\t.long\t" + value + "\n";
  };
  std::string message = refusal(unit("5"), unit("6"));
  EXPECT_TRUE(has(message, "writable data v changed") && has(message, ".long 5") &&
              has(message, ".long 6"))
      << message;
}

// Compilers write .set and .comm wherever they are, debug sections included.
TEST(Generate, SymbolDirectivesCountInDebugSections) {
  auto unit = [](const std::string &target) {
    return function("f", "\tret\n") + function("g", "\tnop\n\tret\n") +
           "\t.section\t.debug_info,\"\",@progbits\n\t.long 5\n\t.globl h\n\t.set\th, " + target +
           "\n";
  };
  EXPECT_TRUE(has(refusal(unit("f"), unit("g")), "h was an alias of f"));
}

TEST(Generate, WritableDataBehindALocalLabelKeepsItsIdentity) {
  auto unit = [](const std::string &code, const std::string &value) {
    return function("f", code + "\tincl\t.Lcount(%rip)\n\tret\n") + "\t.data\n.Lcount:\n\t.long\t" +
           value + "\n";
  };
  EXPECT_TRUE(has(compare(unit("", "1"), unit("\tnop\n", "1")).appended, "incl\t.Lcount(%rip)"));
  EXPECT_TRUE(has(refusal(unit("", "1"), unit("\tnop\n", "2")), ".Lcount changed"));
}

// Whatever the text, an Error at worst.
TEST(Generate, TruncatedTextNeverCrashes) {
  std::string text =
      "\t.section\t.rodata.str1.1,\"aMS\",@progbits,1\n.LC0:\n\t.string\t\"x\\\"\"\n" +
      function("f", "1:\tlock; addl $1, x(%rip) /* c */\n\tjmp *.L4(,%rax,8)\n"
                    "\t.section .rodata\n.L4:\n\t.quad 1b\n\t.text\n\tret\n") +
      "\t.set\ta, b+1\nb = a\n\t.comm\tc,4,4\n";
  for (size_t length = 0; length < text.size(); length++) {
    try {
      compare(text, text.substr(0, length));
      compare(text.substr(0, length), text);
    } catch (const Error &) {
    }
  }
}

} // namespace
} // namespace care::gensrc
