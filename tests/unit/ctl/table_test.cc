// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "libcare-ctl/table.h"

namespace care::ctl {
namespace {

Table example() {
  Table table({{"PID", true}, {"BUILD-ID", false, 4}, {"STATE"}, {"REASON"}});
  table.add({{"7"}, {"0123456789"}, {"patched", Tone::good}, {""}});
  table.add({{"4711"}, {"-"}, {"missing", Tone::bad}, {"a long reason"}});
  return table;
}

TEST(Table, IsPlainInAPipe) {
  EXPECT_EQ(example().text({}), " PID  BUILD-ID    STATE    REASON\n"
                                "   7  0123456789  patched\n"
                                "4711  -           missing  a long reason\n");
}

TEST(Table, FitsTheTerminal) {
  std::string text = example().text({true, 36});
  EXPECT_EQ(text, "\033[1m PID  BUILD-ID  STATE    REASON\033[0m\n"
                  "   7  01234567  \033[32mpatched\033[0m\n"
                  "4711  -         \033[31mmissing\033[0m  a long rea+\n");
}

TEST(Table, ShowsNoControlCharacters) {
  Table table({{"NAME"}});
  table.add({{"a\033[31mb\nc"}});
  table.add_note("x\ry");
  EXPECT_EQ(table.text({}), "NAME\na\\x1b[31mb\\x0ac\n                 x\\x0dy\n");
}

TEST(Table, CutsWholeCharacters) {
  Table table({{"NAME"}});
  table.add({{"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"}});
  EXPECT_EQ(table.text({true, 3}), "\033[1mNA+\033[0m\n\xc3\xa4\xc3\xb6+\n");
}

TEST(Table, OfNothingIsNothing) {
  EXPECT_EQ(Table({{"NAME"}}).text({}), "");
}

} // namespace
} // namespace care::ctl
