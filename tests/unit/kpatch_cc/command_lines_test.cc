// SPDX-License-Identifier: GPL-2.0-or-later
//
// What kpatch_cc reads out of command lines that are not its own.
#include <gtest/gtest.h>

#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/driver_line.h"
#include "kpatch_cc/linker_line.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/response_file.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"

namespace care::cc {
namespace {

using Words = std::vector<std::string>;

TEST(ResponseFile, SplitsAsGnuToolsDo) {
  EXPECT_EQ(split_response("a b\n\tc"), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_response("'a b' \"c d\"e f\\ g"), (Words{"a b", "c de", "f g"}));
  EXPECT_EQ(split_response("'it\\'s' '' \"\\\\\""), (Words{"it's", "", "\\"}));
  EXPECT_EQ(split_response(" \n "), Words{});
}

TEST(ResponseFile, LeavesWhatIsNoFile) {
  EXPECT_EQ(expand_responses({"@/no/such/file", "@", "x"}), (Words{"@/no/such/file", "@", "x"}));
}

// What expand_responses() throws for `arguments`, or "".
std::string refusal_of(const Words &arguments) {
  try {
    expand_responses(arguments);
  } catch (const Error &e) {
    return e.message();
  }
  return "";
}

TEST(ResponseFile, EndsWhereOneLeadsBackToItself) {
  TempFolder folder;
  std::string self = folder.path() + "/self", one = folder.path() + "/one",
              other = folder.path() + "/other";
  write_file(self, "-c @" + self + " @" + self);
  write_file(one, "@" + other);
  write_file(other, "a.c @" + one);
  EXPECT_EQ(refusal_of({"@" + self}), "response file " + self + " leads back to itself");
  EXPECT_EQ(refusal_of({"-c", "@" + one}), "response file " + one + " leads back to itself");
}

TEST(ResponseFile, MayBeNamedMoreThanOnce) {
  TempFolder folder;
  std::string inner = folder.path() + "/inner", outer = folder.path() + "/outer";
  write_file(inner, "a.c");
  write_file(outer, "@" + inner + " -c @" + inner);
  EXPECT_EQ(expand_responses({"@" + outer}), (Words{"a.c", "-c", "a.c"}));
}

// gcc: "too many @-files encountered" for the same number.
TEST(ResponseFile, HasALimitOfFiles) {
  TempFolder folder;
  std::string file = folder.path() + "/file";
  write_file(file, "a.c");
  EXPECT_EQ(expand_responses(Words(1999, "@" + file)).size(), 1999U);
  EXPECT_NE(refusal_of(Words(2000, "@" + file)).find(file + ": more than 1999"), std::string::npos);
}

TEST(DriverLine, TellsQueriesFromWork) {
  for (const char *query : {"-E", "-S", "-M", "-MM", "--version", "-dumpmachine", "-###",
                            "-print-prog-name=ld", "--print-search-dirs", "-v", "-fsyntax-only"})
    EXPECT_TRUE(read_driver_line({query}).query) << query;
  for (const Words &work :
       {Words{"-v", "-c", "a.c"}, Words{"-v", "a.c"}, Words{"a.o", "-v"},
        Words{"--verbose", "-x", "c", "-"}, Words{"-v", "--", "a.c"}, Words{"-v", "-la"}})
    EXPECT_FALSE(read_driver_line(work).query) << work.back();
  for (const Words &query :
       {Words{"-v", "-O2", "-I", "include"}, Words{"-v", "-specs", "musl.specs"},
        Words{"-v", "-o", "a"}, Words{"-v", "a.c", "-###"}})
    EXPECT_TRUE(read_driver_line(query).query) << query.back();
  EXPECT_FALSE(read_driver_line({"a.c", "-Xlinker", "-E"}).query);
  EXPECT_FALSE(read_driver_line({"-c", "a.c", "-MD", "-MF", "-S"}).query);
}

TEST(DriverLine, ReadsWhatMatters) {
  DriverLine line = read_driver_line({"-O0", "-O2", "-flto=4", "-o", "out", "-B", "dir", "a.c",
                                      "-march=native", "-fPIC", "-mllvm", "-x", "-I", "-O0"});
  EXPECT_EQ(line.output, "out");
  EXPECT_TRUE(line.lto);
  EXPECT_FALSE(line.relax_all);
  EXPECT_EQ(line.prefixes, Words{"dir"});
  EXPECT_EQ(line.assembler, (Words{"-O0", "-O2", "-march=native", "-fPIC", "-mllvm", "-x"}));
  EXPECT_FALSE(read_driver_line({"-flto", "-fno-lto"}).lto);
  EXPECT_TRUE(read_driver_line({"-c", "a.c"}).relax_all);
  EXPECT_EQ(read_driver_line({"-fsanitize=address"}).refused, "-fsanitize=address");
  EXPECT_EQ(read_driver_line({"conftest.c"}).probe, "conftest.c");
}

TEST(AssemblerLine, FindsInputAndOutput) {
  AssemblerLine line = read_assembler_line(
      {"--gdwarf-5", "-I", "in c", "--64", "-o", "out.o", "--defsym", "a=1", "in.s"});
  EXPECT_EQ(line.output, "out.o");
  EXPECT_EQ(line.inputs, Words{"in.s"});
  EXPECT_TRUE(line.simple());
  EXPECT_FALSE(line.from_stdin());
  EXPECT_EQ(assembler_arguments(line, "x.s"),
            (Words{"--gdwarf-5", "-I", "in c", "--64", "--defsym", "a=1", "-o", "out.o", "x.s"}));
  EXPECT_TRUE(read_assembler_line({"--64", "-o", "x.o"}).from_stdin());
  EXPECT_TRUE(read_assembler_line({"-"}).from_stdin());
  EXPECT_FALSE(read_assembler_line({"a.s", "b.s"}).simple());
  EXPECT_FALSE(read_assembler_line({"--version"}).simple());
}

TEST(LinkerLine, FindsOutputAndKind) {
  EXPECT_EQ(read_linker_line({"a.o"}).output, "a.out");
  EXPECT_EQ(read_linker_line({"-o", "p", "a.o"}).output, "p");
  EXPECT_EQ(read_linker_line({"-omagic", "a.o"}).output, "magic");
  EXPECT_EQ(read_linker_line({"--output=p", "a.o"}).output, "p");
  EXPECT_TRUE(read_linker_line({"-r", "a.o"}).relocatable);
  EXPECT_TRUE(read_linker_line({"-shared", "a.o"}).shared);
  EXPECT_TRUE(read_linker_line({"-v"}).query);
  EXPECT_TRUE(read_linker_line({"--version"}).query);
  EXPECT_FALSE(read_linker_line({"-v", "a.o"}).query);
}

TEST(LinkerLine, KnowsCodeThatIsNotFor64Bits) {
  for (const char *emulation : {"elf_i386", "elf32_x86_64", "elf_iamcu"})
    EXPECT_TRUE(read_linker_line({"-m", emulation, "a.o"}).foreign) << emulation;
  EXPECT_TRUE(read_linker_line({"-melf_i386", "a.o"}).foreign);
  EXPECT_FALSE(read_linker_line({"-m", "elf_x86_64", "a.o"}).foreign);
  EXPECT_FALSE(read_linker_line({"-melf_x86_64", "-mllvm", "a.o"}).foreign);
}

TEST(LinkerLine, InstrumentsWithoutStripping) {
  EXPECT_EQ(instrumented({"-s", "-S", "-x", "--strip-all", "-rpath", "-s", "a.o"}),
            (Words{"-rpath", "-s", "a.o", "--emit-relocs"}));
}

TEST(ObjectKey, KnowsProbes) {
  for (const char *path : {"/b/conftest.o", "/b/CMakeFiles/CMakeScratch/TryCompile-1/a.o",
                           "/b/meson-private/tmp1/out.o", "/dev/null", "conftest.c"})
    EXPECT_TRUE(is_probe(path)) << path;
  for (const char *path : {"/b/main.o", "/conftest/x.o", ""})
    EXPECT_FALSE(is_probe(path)) << path;
}

TEST(ObjectKey, ReadsTheSourceName) {
  EXPECT_EQ(source_name("\t.file\t\"a b.c\"\n\t.text\n"), "a b.c");
  EXPECT_EQ(source_name("\t.text\nx:\tret\n"), "");
}

TEST(DriverLine, CodeThatCannotBeComparedIsKnownByItsFlag) {
  for (const char *flag : {"-mcmodel=kernel", "-masm=intel", "--coverage", "-fprofile-generate=dir",
                           "-m32", "-fsanitize=address,undefined", "-fprofile-arcs"})
    EXPECT_EQ(read_driver_line({"-O2", flag, "-c", "a.c"}).refused, flag);
  EXPECT_EQ(read_driver_line({"-pg", "-mcmodel=small", "-masm=att", "-c", "a.c"}).refused, "");
  EXPECT_EQ(read_driver_line({"-masm=intel", "-masm=att", "-c", "a.c"}).refused, "");
  EXPECT_EQ(read_driver_line({"-masm=intel", "-mcmodel=small", "-c", "a.c"}).refused,
            "-masm=intel");
  EXPECT_EQ(read_driver_line({"-fprofile-generate", "-fno-profile-generate"}).refused, "");
}

} // namespace
} // namespace care::cc
