// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/print.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "lib/base/error.h"

namespace care {

namespace {

TEST(Print, LeavesPlainTextAlone) {
  EXPECT_EQ(printable_text("redis-server: 12 µs, naïve, 日本語 🙂\n\tnext"),
            "redis-server: 12 µs, naïve, 日本語 🙂\n\tnext");
}

TEST(Print, EscapesWhatMovesACursor) {
  EXPECT_EQ(printable_text("a\x1b[2Jb\rc\x7f"), "a\\x1b[2Jb\\x0dc\\x7f");
  EXPECT_EQ(printable_text("\xc2\x9b"
                           "31m"),
            "\\u009b31m"); // CSI as one character
  EXPECT_EQ(printable_line("a\nb\tc"), "a\\x0ab\\x09c");
}

TEST(Print, EscapesWhatTurnsTextAround) {
  EXPECT_EQ(printable_text("x\xe2\x80\xaey"), "x\\u202ey");
  EXPECT_EQ(printable_text("x\xe2\x81\xa6y"), "x\\u2066y");
}

TEST(Print, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(printable_text("\xff"), "\\xff");
  EXPECT_EQ(printable_text("\xc0\xaf"), "\\xc0\\xaf");          // overlong
  EXPECT_EQ(printable_text("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // a surrogate
  EXPECT_EQ(printable_text("cut \xe2\x82"), "cut \\xe2\\x82");
  EXPECT_EQ(printable_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"); // beyond U+10FFFF
}

TEST(Print, KeepsJsonEqualToAParser) {
  testing::internal::CaptureStdout();
  print_json("{\"comm\": \"a\xc2\x9b\x7f\xe2\x80\xae\"}");
  std::fflush(stdout);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "{\"comm\": \"a\\u009b\\u007f\\u202e\"}\n");
}

// A child, since standard output is the test's own.
TEST(PrintDeathTest, SaysWhenOutputIsLost) {
  auto write_to_full_disk = [] {
    if (!std::freopen("/dev/full", "w", stdout))
      std::_Exit(99);
    std::_Exit(run_main(
        "tool",
        [](int, char **) {
          print_out("a result\n");
          return 0;
        },
        0, nullptr));
  };
  EXPECT_EXIT(write_to_full_disk(), testing::ExitedWithCode(1),
              "tool: cannot write to standard output: No space left on device");
}

} // namespace

} // namespace care
