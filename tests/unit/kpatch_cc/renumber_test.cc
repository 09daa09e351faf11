// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/renumber.h"

#include <gtest/gtest.h>

#include "kpatch_cc/source_scanner.h"

namespace care::cc {
namespace {

TEST(LineMap, KeepsTheNumbersOfUntouchedLines) {
  // Line 2 replaced by two, two lines added behind 4, 6 and 7 removed.
  LineMap map("2c2,3\n< a\n---\n> b\n> c\n4a6,7\n> d\n> e\n6,7d8\n< f\n< g\n", 10);
  EXPECT_EQ(map.number_of(1), 1u);
  EXPECT_EQ(map.number_of(2), 2u);
  EXPECT_EQ(map.number_of(3), 11u);
  EXPECT_EQ(map.number_of(4), 3u);
  EXPECT_EQ(map.number_of(5), 4u);
  EXPECT_EQ(map.number_of(6), 12u);
  EXPECT_EQ(map.number_of(7), 13u);
  EXPECT_EQ(map.number_of(8), 5u);
  EXPECT_EQ(map.number_of(9), 8u);
  for (uint32_t line = 1; line <= 11; line++)
    EXPECT_EQ(map.line_of(map.number_of(line)), line);
}

TEST(LineMap, IsTheIdentityWhenNoLineMoves) {
  EXPECT_TRUE(LineMap("", 3).identity());
  EXPECT_TRUE(LineMap("2c2\n< a\n---\n> b\n", 3).identity());
  EXPECT_FALSE(LineMap("0a1\n> b\n", 3).identity());
}

TEST(LineMap, RefusesWhatIsNoDiff) {
  EXPECT_ANY_THROW(LineMap("12x13\n", 3));
}

// Where a directive may stand, line by line.
std::string places(std::string_view text) {
  SourceScanner scanner;
  std::string result;
  while (!text.empty()) {
    result += scanner.at_line_start() ? '+' : '-';
    size_t end = std::min(text.find('\n'), text.size());
    scanner.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

TEST(SourceScanner, KnowsWhereALineBegins) {
  EXPECT_EQ(places("/* a\n b */\nx\n"), "+-+");
  EXPECT_EQ(places("#define A \\\n 1\nx\n"), "+-+");
  EXPECT_EQ(places("#define A (\nx\n"), "++");
  EXPECT_EQ(places("f(1,\n 2);\nx\n"), "+-+");
  EXPECT_EQ(places("s = \"(/*\";\nx\n"), "++");
  EXPECT_EQ(places("c = '('; n = 1'000;\nx\n"), "++");
  EXPECT_EQ(places("s = R\"a(\n)\" )a\";\nx\n"), "+-+");
  EXPECT_EQ(places("// don't \\\n (\nx\n"), "+-+");
  EXPECT_EQ(places("if (a\n}\nx\n"), "+-+");
}

TEST(Renumber, PutsMarkersIntoPreprocessedText) {
  LineMap map("1a2,3\n> b\n> c\n", 4);
  auto map_of = [&](std::string_view file) { return file == "a.h" ? &map : nullptr; };
  EXPECT_EQ(renumber_preprocessed("# 1 \"a.h\" 1 3\na\nb\nc\nf(\nd);\n# 7 \"a.c\" 2\nx\n", map_of),
            "# 1 \"a.h\" 1 3\na\n# 5 \"a.h\" 3\nb\nc\n# 2 \"a.h\" 3\nf(\nd);\n# 7 \"a.c\" 2\nx\n");
  // A marker in the middle of the file.
  EXPECT_EQ(renumber_preprocessed("# 4 \"a.h\" 2\nx\n", map_of), "# 2 \"a.h\" 2\nx\n");
}

TEST(Renumber, WaitsForAPlaceWhereADirectiveMayStand) {
  LineMap map("2a3\n> b\n", 4);
  auto map_of = [&](std::string_view) { return &map; };
  EXPECT_EQ(renumber_preprocessed("# 1 \"a.c\"\nf(\n a,\n b,\n c);\nd\n", map_of),
            "# 1 \"a.c\"\nf(\n a,\n b,\n c);\n# 4 \"a.c\" \nd\n");
}

TEST(Renumber, RespectsTheLineDirectivesOfASource) {
  LineMap map("0a1\n> b\n", 4);
  EXPECT_EQ(renumber_source("b\na\n#line 100\nx\ny\n", "a\n#line 100\nx\ny\n", map),
            "#line 5\nb\n#line 1\na\n#line 100\nx\ny\n");
  LineMap later("3a4\n> b\n", 4);
  EXPECT_EQ(renumber_source("a\n#line 100\nx\nb\ny\n", "a\n#line 100\nx\ny\n", later),
            "a\n#line 100\nx\n#line 5\nb\n#line 101\ny\n");
}

TEST(Renumber, RepeatsItselfBehindConditionals) {
  LineMap map("1a2\n> b\n", 4);
  EXPECT_EQ(renumber_source("#if 0\nb\nx\n#endif\ny\n", "#if 0\nx\n#endif\ny\n", map),
            "#if 0\n#line 5\nb\n#line 2\nx\n#endif\n#line 4\ny\n");
}

TEST(Renumber, GivesAssemblyItsTrueLines) {
  LineMap map("0a1,7\n> b\n", 20);
  auto map_of = [&](std::string_view file) { return file == "/src/a.c" ? &map : nullptr; };
  EXPECT_EQ(true_lines("\t.file 1 \"/src\" \"a.c\"\n\t.file 2 \"b.h\"\n\t.loc 1 3 5 is_stmt 0\n"
                       "\t.loc 2 3 5\n",
                       map_of),
            "\t.file 1 \"/src\" \"a.c\"\n\t.file 2 \"b.h\"\n\t.loc 1 10 5 is_stmt 0\n"
            "\t.loc 2 3 5\n");
}

} // namespace
} // namespace care::cc
