// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/asm/join.h"

#include <gtest/gtest.h>

#include "kpatch_gensrc/generate.h"
#include "lib/base/error.h"

namespace care::gensrc {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(Join, LabelsAndClashingStaticsGetNamesOfTheirOwn) {
  JoinedParts joined({{"0.s", "f:\n\tcall\tstep\n.LC0:\n\tret\nstep:\n\tret\nstep.cold:\n\tnop\n"},
                      {"1.s", "step:\n\tleaq\t.LC0(%rip), %rax\nalone:\n\tret\n"}});
  EXPECT_TRUE(has(joined.text(), "call\tstep.lto_priv.90000\n.LC00000:"));
  EXPECT_TRUE(has(joined.text(), "step.lto_priv.90000.cold:"));
  EXPECT_TRUE(has(joined.text(), "step.lto_priv.90001:\n\tleaq\t.LC00001(%rip), %rax\nalone:"));
}

TEST(Join, GlobalsKeepTheirNames) {
  JoinedParts joined({{"0.s", "\t.globl\tf\nf:\n\tcall\tg\n"},
                      {"1.s", "\t.globl\tg\ng:\n\tcall\tf\n\t.string\t\"f .LC0\"\n"}});
  EXPECT_TRUE(has(joined.text(), "f:\n\tcall\tg\n"));
  EXPECT_TRUE(has(joined.text(), "g:\n\tcall\tf\n\t.string\t\"f .LC0\"\n"));
}

TEST(Join, AMnemonicIsNoSymbol) {
  JoinedParts joined({{"0.s", "add:\n\tadd\t$1, %eax\n\tcall\tadd\n"}, {"1.s", "\tcall\tadd\n"}});
  EXPECT_TRUE(has(joined.text(), "add.lto_priv.90000:\n\tadd\t$1, %eax\n\tcall\tadd.lto_priv"));
}

TEST(Join, ComdatGroupsComeOnce) {
  std::string group = "\t.section\t.data.rel.local.ref,\"awG\",@progbits,ref,comdat\n"
                      "\t.weak\tref\nref:\n\t.quad\tx\n\t.text\n\tnop\n";
  JoinedParts joined({{"0.s", group}, {"1.s", group}});
  size_t first = joined.text().find("ref:");
  EXPECT_EQ(joined.text().find("ref:", first + 1), std::string::npos);
  EXPECT_EQ(joined.text().find("nop", joined.text().rfind("kpatch-part")) != std::string::npos,
            true);
}

TEST(Join, SplitReachesOtherPartsThroughAliases) {
  JoinedParts joined({{"0.s", "f:\n.LC0:\n\tret\n"}, {"1.s", "step:\n.LC0:\n\tret\n"}});
  std::vector<std::string> texts =
      joined.split("f.kpatch:\n\tleaq\t.LC00000(%rip), %rax\n\tleaq\t.LC00001(%rip), %rax\n"
                   "\tjmp\tstep\n.LC00009:\n\tjmp\t.LC00009\n");
  EXPECT_EQ(texts[0], "f.kpatch:\n\tleaq\t.LC0(%rip), %rax\n\tleaq\tkpatch.LC0.1(%rip), %rax\n"
                      "\tjmp\tkpatch.step.1\n.LC00009:\n\tjmp\t.LC00009\n");
  EXPECT_EQ(texts[1],
            "\t.set\tkpatch.LC0.1, .LC0\n\t.globl\tkpatch.LC0.1\n\t.hidden\tkpatch.LC0.1\n"
            "\t.set\tkpatch.step.1, step\n\t.globl\tkpatch.step.1\n"
            "\t.hidden\tkpatch.step.1\n");
}

std::string function(const std::string &name, const std::string &body) {
  return "\t.text\n\t.type\t" + name + ", @function\n" + name + ":\n" + body + "\tret\n\t.size\t" +
         name + ", .-" + name + "\n";
}

std::string variable(const std::string &name, const std::string &value) {
  return "\t.data\n" + name + ":\n\t.long\t" + value + "\n";
}

std::string global(const std::string &name) {
  return "\t.globl\t" + name + "\n";
}

// Two files with a static `count` each; the partitions of the second link are others.
TEST(Join, StaticsOfOneNameArePairedByTheirUsers) {
  JoinedParts before(
      {{"0.s", global("f") + function("f", "\tincl\tcount(%rip)\n") + variable("count", "1")},
       {"1.s", global("g") + function("g", "\tdecl\tcount(%rip)\n") + variable("count", "2")}});
  JoinedParts after({{"0.s", global("g") + function("g", "\tdecl\tcount.lto_priv.0(%rip)\n") +
                                 variable("count.lto_priv.0", "2") + global("f") +
                                 function("f", "\tincl\tcount.lto_priv.1(%rip)\n\tnop\n") +
                                 variable("count.lto_priv.1", "1")}});
  Generated generated = generate("o", before.text(), "p", after.text());
  ASSERT_EQ(generated.report.changed.size(), 1u);
  EXPECT_EQ(generated.report.changed[0].name, "f");
  EXPECT_TRUE(has(before.split(generated.appended)[0], "incl\tcount(%rip)"));
}

TEST(Join, StaticsThatNothingTellsApartAreRefused) {
  std::string both = "\tincl\tcount(%rip)\n\tincl\tcount.lto_priv.0(%rip)\n";
  std::string data = variable("count", "1") + variable("count.lto_priv.0", "1");
  JoinedParts before({{"0.s", global("f") + function("f", both) + data}});
  JoinedParts after({{"0.s", global("f") + function("f", both + "\tnop\n") + data}});
  EXPECT_THROW(generate("o", before.text(), "p", after.text()), Error);
}

} // namespace
} // namespace care::gensrc
