// SPDX-License-Identifier: GPL-2.0-or-later
//
// Names in dependency files. The texts are what gcc 12 and clang 14 write for such files.
#include <gtest/gtest.h>

#include "kpatch_cc/make_rule.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"

namespace care::cc {
namespace {

using Names = std::vector<std::string>;

Names prerequisites(std::string_view text) {
  std::optional<MakeRule> rule = first_make_rule(text);
  return rule ? rule->prerequisites : Names{"none"};
}

TEST(MakeRule, ReadsTheFirstRuleOnly) {
  std::optional<MakeRule> rule = first_make_rule("a.o b.o: a.c \\\n a.h\n\na.h:\n");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->targets, (Names{"a.o", "b.o"}));
  EXPECT_EQ(rule->prerequisites, (Names{"a.c", "a.h"}));
}

TEST(MakeRule, TakesQuotesOff) {
  EXPECT_EQ(prerequisites("a.o: a\\ b.h a\\\tb.h\n"), (Names{"a b.h", "a\tb.h"}));
  EXPECT_EQ(prerequisites("a.o: sharp\\#.h c\\#.h\n"), (Names{"sharp#.h", "c#.h"}));
  EXPECT_EQ(prerequisites("a.o: a$$b.h a$b.h $$$$\n"), (Names{"a$b.h", "a$b.h", "$$"}));
}

TEST(MakeRule, HalvesBackslashesInFrontOfWhiteSpaceOnly) {
  EXPECT_EQ(prerequisites("a.o: a\\b.h c\n"), (Names{"a\\b.h", "c"}));
  EXPECT_EQ(prerequisites("a.o: a\\\\\\ b.h c\n"), (Names{"a\\ b.h", "c"}));
  EXPECT_EQ(prerequisites("a.o: a\\\\\\\\\\ b.h c\n"), (Names{"a\\\\ b.h", "c"}));
  EXPECT_EQ(prerequisites("a.o: end\\\\ c\n"), (Names{"end\\", "c"}));
  EXPECT_EQ(prerequisites("a.o: a\\\\#b.h c\n"), (Names{"a\\#b.h", "c"}));
}

TEST(MakeRule, GoesOnBehindAnOddNumberOfBackslashes) {
  EXPECT_EQ(prerequisites("a.o: \\\n  b \\\n  c\\\nd\n e\n"), (Names{"b", "c", "d"}));
  EXPECT_EQ(prerequisites("a.o:\\\n b\n"), Names{"b"});
  EXPECT_EQ(prerequisites("a.o: b\\\\\nc\n"), Names{"b\\"});
}

TEST(MakeRule, EndsTargetsAtAColonBeforeWhiteSpace) {
  std::optional<MakeRule> rule = first_make_rule("a:b.o: c:d.h :e\n");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->targets, Names{"a:b.o"});
  EXPECT_EQ(rule->prerequisites, (Names{"c:d.h", ":e"}));
  EXPECT_EQ(prerequisites("a.o:\n"), Names{});
}

TEST(MakeRule, IsNoneWhenItIsCutOff) {
  EXPECT_FALSE(first_make_rule(""));
  EXPECT_FALSE(first_make_rule("a.o: a.c a.h"));
  EXPECT_FALSE(first_make_rule("a.o: a.c \\\n"));
  EXPECT_FALSE(first_make_rule("no rule\n"));
}

// The compilers that are here quote no otherwise.
TEST(MakeRule, ReadsWhatTheCompilerWrites) {
  TempFolder folder;
  Names names = {"a b.h", "a#b.h", "a$b.h", "a:b.h", "$$.h", "a \t b.h", "# #.h"};
  std::string source;
  for (const std::string &name : names) {
    write_file(folder / name, "");
    source += "#include \"" + name + "\"\n";
  }
  write_file(folder / "t.c", source);
  for (const char *compiler : {"gcc", "clang"}) {
    Command command;
    command.argv = {"sh", "-c", "cd \"$1\" && $2 -MM t.c", "sh", folder.path(), compiler};
    command.capture = true;
    Outcome outcome = run(command);
    if (!outcome.ok())
      continue; // not here
    Names expected = names;
    expected.insert(expected.begin(), "t.c");
    if (compiler == std::string_view("clang")) // it leaves tabs as they are
      expected = {"t.c", "a b.h", "a#b.h", "a$b.h", "a:b.h", "$$.h", "a ", " b.h", "# #.h"};
    EXPECT_EQ(prerequisites(outcome.output), expected) << outcome.output;
  }
}

} // namespace
} // namespace care::cc
