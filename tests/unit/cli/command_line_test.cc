// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/cli/command_line.h"

#include <gtest/gtest.h>

#include "lib/base/error.h"

namespace care {

namespace {

// parse() with words, and what it printed.
struct Outcome {
  std::optional<int> status;
  std::string out, err;
};

Outcome parse(CommandLine &line, std::vector<const char *> words) {
  words.insert(words.begin(), "tool");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.status = line.parse(static_cast<int>(words.size()), words.data());
  std::fflush(stdout);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(CommandLine, SetsWhatIsBound) {
  CommandLine line("A tool.", "tool");
  std::string pid;
  std::vector<std::string> fixes, files;
  double timeout = 10;
  std::optional<unsigned> level;
  int verbose = 0;
  bool json = false;
  line.option("-p,--pid", pid, "process").required();
  line.option("--fix", fixes, "a fix").one_value_each();
  line.option("--timeout", timeout, "seconds").range(0, 60);
  line.option("--level", level, "level");
  line.flag("-v", verbose, "more");
  line.flag("--json", json, "JSON");
  line.option("file", files, "files");
  Outcome outcome = parse(line, {"-p", "7", "--fix", "a", "--fix", "b", "x", "--timeout", "2.5",
                                 "--level", "3", "-v", "-v", "--json", "y"});
  EXPECT_EQ(outcome.status, std::nullopt);
  EXPECT_EQ(pid, "7");
  EXPECT_EQ(fixes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(files, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(timeout, 2.5);
  EXPECT_EQ(level, 3u);
  EXPECT_EQ(verbose, 2);
  EXPECT_TRUE(json);
  EXPECT_TRUE(line.was_given("--json"));
}

TEST(CommandLine, TellsMistakesAndAnswersHelp) {
  std::string pid;
  CommandLine line("A tool.", "tool");
  line.version("tool 1.2");
  line.footer("Examples: none");
  line.option("-p,--pid", pid, "process").required().type_name("PID");
  EXPECT_EQ(parse(line, {"--version"}).out, "tool 1.2\n");
  Outcome help = parse(line, {"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("-p,--pid PID REQUIRED"), std::string::npos) << help.out;
  EXPECT_NE(help.out.find("Examples: none"), std::string::npos);
  Outcome wrong = parse(line, {"--nope"});
  EXPECT_EQ(wrong.status, static_cast<int>(ExitCode::usage));
  EXPECT_NE(wrong.err, "");
}

TEST(CommandLine, RunsTheChosenSubcommand) {
  CommandLine line("A tool.", "tool");
  bool all = false;
  std::string ran;
  CommandLine &one = line.subcommand("one", "the first");
  one.flag("--all", all, "all");
  one.on_chosen([&] { ran = all ? "all" : "one"; });
  line.subcommand("two", "the second").on_chosen([] {
    throw CommandLineMistake("two", "not today");
  });
  EXPECT_EQ(parse(line, {"one", "--all"}).status, std::nullopt);
  EXPECT_EQ(ran, "all");
  Outcome two = parse(line, {"two"});
  EXPECT_EQ(two.status, static_cast<int>(ExitCode::usage));
  EXPECT_NE(two.err.find("two: not today"), std::string::npos) << two.err;
  EXPECT_EQ(parse(line, {}).status, static_cast<int>(ExitCode::usage));
}

TEST(CommandLine, TakesOneOfSomeWords) {
  enum class Mode { off, on };
  Mode mode = Mode::off;
  CommandLine line("A tool.", "tool");
  line.choice("--mode", mode, std::map<std::string, Mode>{{"off", Mode::off}, {"on", Mode::on}},
              "the mode", "off");
  EXPECT_EQ(parse(line, {"--mode", "ON"}).status, std::nullopt);
  EXPECT_EQ(mode, Mode::on);
  EXPECT_EQ(parse(line, {"--mode", "maybe"}).status, static_cast<int>(ExitCode::usage));
}

TEST(CommandLine, ThrowsMistakesOnRequest) {
  std::string text;
  CommandLine line("A tool.", "tool");
  line.option("--text", text, "text");
  const char *words[] = {"tool", "--nope"};
  EXPECT_THROW(line.parse_or_throw(2, words), Error);
}

} // namespace

} // namespace care
