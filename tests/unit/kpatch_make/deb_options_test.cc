// SPDX-License-Identifier: GPL-2.0-or-later
//
// What `kpatch_make deb` says to a wrong command line, and how it reads SOURCE.
#include "kpatch_make/deb/deb_options.h"

#include <gtest/gtest.h>

#include "kpatch_make/deb/debian_source.h"
#include "lib/base/error.h"

namespace care::make {
namespace {

std::optional<DebOptions> read(std::vector<std::string> words) {
  words.insert(words.begin(), "deb");
  std::vector<char *> argv;
  for (std::string &word : words)
    argv.push_back(word.data());
  return read_deb_options(static_cast<int>(argv.size()), argv.data());
}

void expect_usage(const std::vector<std::string> &words, const std::string &part) {
  try {
    read(words);
    FAIL() << part;
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::usage);
    EXPECT_NE(e.message().find(part), std::string::npos) << e.message();
  }
}

TEST(DebOptions, AreRead) {
  auto options = read({"-p", "CVE-1", "-p", "CVE-2", "-o", "out", "redis=5:7.0.15-1"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->fixes, (std::vector<std::string>{"CVE-1", "CVE-2"}));
  EXPECT_EQ(options->source, "redis=5:7.0.15-1");
  EXPECT_TRUE(options->make.bundle.starts_with('/'));
  EXPECT_TRUE(options->build_options.starts_with("nocheck parallel="));
  EXPECT_FALSE(options->arch_only);
  EXPECT_TRUE(read({"-B", "-p", "x", "redis"})->arch_only);
  for (const char *source : {"redis=1", "redis=5:7.0.15-1"})
    for (const char *to : {"2", "redis_2.dsc", "../redis-2"})
      EXPECT_EQ(read({"--to", to, source})->to, to);
}

TEST(DebOptions, ThatDoNotGoTogether) {
  expect_usage({"redis"}, "no fix given");
  expect_usage({"-p", "x"}, "source");
  expect_usage({"--from", "1", "redis"}, "--from and --to belong together");
  expect_usage({"--from", "1;2", "--to", "3", "redis"}, "'1;2' is no version");
  expect_usage({"--from", "1", "--to", "2", "redis=3"}, "take two versions of a NAME");
  expect_usage({"--from", "1", "--to", "2", "-p", "x", "redis"}, "no -p with them");
  expect_usage({"--to", "2", "redis"}, "--from and --to belong together");
  expect_usage({"--to", "2;3", "redis=1"}, "'2;3' is no version of a package, no .dsc");
  expect_usage({"-p", "x", "--target", "archve", "redis"}, "archve");
  expect_usage({"-p", "x", "--here", "--root", "/tmp", "redis"}, "--here");
  expect_usage({"-p", "x", "--here", "--shell", "redis"}, "--shell");
  expect_usage({"-p", "x", "--here", "--measure", "redis"}, "--measure");
  expect_usage({"-p", "x", "--root", "/no/such/root.tar", "redis"}, "/no/such/root.tar");
  expect_usage({"-p", "x", "--adapt", "/no/such.patch", "redis"}, "/no/such.patch");
}

TEST(DebOptions, AreExplained) {
  testing::internal::CaptureStdout();
  EXPECT_FALSE(read({"--help"}));
  std::string help = testing::internal::GetCapturedStdout();
  EXPECT_NE(help.find("Usage: kpatch_make deb [OPTIONS] -p FIX SOURCE\n"), help.npos) << help;
  EXPECT_NE(help.find("`archive`"), help.npos) << help;
  EXPECT_NE(help.find("--from 1.2-3 --to"), help.npos) << help;
}

TEST(DebSource, IsANameAVersionOrAPath) {
  EXPECT_EQ(read_source_name("redis").name, "redis");
  SourceName source = read_source_name("redis=5:7.0.15-1~deb12u7");
  EXPECT_EQ(source.name, "redis");
  EXPECT_EQ(source.version, "5:7.0.15-1~deb12u7");
  EXPECT_THROW(read_source_name("redis="), Error);
  EXPECT_THROW(read_source_name("/no/such.dsc"), Error);
  EXPECT_THROW(read_source_name("/tmp"), Error); // no debian/changelog
  EXPECT_THROW(read_source_name("/no/such/folder"), Error);
}

TEST(DebSource, IsBuiltWhereDebianBuildsIt) {
  EXPECT_EQ(build_path("redis", "5:7.0.15-1~deb12u7"), "/build/reproducible-path/redis-7.0.15");
}

} // namespace
} // namespace care::make
