// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which compilations of the original build will do for the patched one. No compiler runs
// here: the dependency list is written by hand. tests/cc has the same with compilers.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "kpatch_cc/object_key.h"
#include "kpatch_cc/reuse.h"
#include "kpatch_cc/reuse_line.h"
#include "lib/base/environment.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"
#include "lib/store/store_layout.h"
#include "tests/unit/environment_set.h"

namespace care::cc {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

const Words kCommand = {"-O2", "-Iinc", "-c", "a.c", "-o", "a.o"};

class ReuseTest : public testing::Test {
 protected:
  ReuseTest() : before_(fs::current_path()) {
    fs::create_directories(folder_ / "work/inc");
    fs::create_directories(folder_ / "work/src");
    write_file(folder_ / "work/a.c", "#include \"v.h\"\n");
    write_file(folder_ / "work/inc/v.h", "#define V 3\n");
    fs::current_path(folder_ / "work");
  }
  ~ReuseTest() override { fs::current_path(before_); }

  // One compilation of the original build.
  void compile(const Words &command, const std::string &list, const std::string &text = "text",
               const std::string &compiler = "gcc") {
    Words added = prepare_reuse(store_, compiler, command);
    if (added.size() == 3)
      write_file(added[2], list);
    std::string key = absolute_path("a.o");
    AssemblerLine line;
    line.options = {"--64"};
    line.inputs = {"a.s"};
    record_for_reuse(store_, key, line, text, store_.keep_original(key, text));
  }

  // The original build is over: its tree makes room for the patched one.
  void start_patched_build() {
    fs::current_path(before_);
    fs::rename(folder_ / "work", folder_ / "first");
    fs::copy(folder_ / "first", folder_ / "work", fs::copy_options::recursive);
    fs::current_path(folder_ / "work");
  }

  bool reused(const Words &command = kCommand, const std::string &compiler = "gcc") {
    return find_reusable(store_, compiler, command).has_value();
  }

  // Why the last one was compiled again.
  std::string why() const {
    std::string log = read_file(folder_ / "store/again.log");
    log.pop_back();
    std::string line = log.substr(log.rfind('\n') + 1);
    return line.substr(line.find(": ") + 2);
  }

  TempFolder folder_;
  EnvironmentSet tree_{kTreeVariable, folder_ / "work"};
  EnvironmentSet original_tree_{kOriginalTreeVariable, folder_ / "first"};
  EnvironmentSet epoch_{"SOURCE_DATE_EPOCH", "1700000000"};
  EnvironmentSet cpath_{"CPATH", ""}, c_path_{"C_INCLUDE_PATH", ""},
      cxx_path_{"CPLUS_INCLUDE_PATH", ""};
  EnvironmentSet call_{"KPATCH_REUSE_CALL", ""}, list_{"KPATCH_REUSE_LIST", ""};
  fs::path before_;
  Store store_{folder_ / "store"};
};

TEST_F(ReuseTest, TakesAnUnchangedCompilation) {
  compile(kCommand, "a.o: a.c inc/v.h\n");
  start_patched_build();
  auto words = find_reusable(store_, "gcc", kCommand);
  ASSERT_TRUE(words);
  ASSERT_EQ(words->size(), 4U);
  EXPECT_EQ(Words(words->begin(), words->end() - 1), (Words{"--64", "-o", "a.o"}));
  EXPECT_EQ(read_file(words->back()), "text");
  EXPECT_EQ(read_file(folder_ / "store/reused.log"), absolute_path("a.o") + "\n");
}

TEST_F(ReuseTest, AsksForAListAndCleansItUp) {
  Words added = prepare_reuse(store_, "gcc", kCommand);
  ASSERT_EQ(added.size(), 3U);
  EXPECT_EQ(added[0], "-MD");
  EXPECT_EQ(added[1], "-MF");
  compile(kCommand, "a.o: a.c\n");
  EXPECT_FALSE(fs::exists(added[2]));
}

TEST_F(ReuseTest, GivesTheListThatTheCallerWants) {
  Words command = kCommand;
  command.insert(command.end(), {"-MMD", "-MF", "deps"});
  EXPECT_EQ(prepare_reuse(store_, "gcc", command), Words{});
  write_file("deps", "a.o: a.c inc/v.h\n");
  compile(command, "");
  fs::remove("deps");
  start_patched_build();
  EXPECT_TRUE(reused(command));
  EXPECT_EQ(read_file("deps"), "a.o: a.c inc/v.h\n");
}

TEST_F(ReuseTest, CompilesWhatReadsAChangedFile) {
  struct Change {
    std::function<void()> make;
    std::string reason;
  };
  std::vector<Change> changes = {
      {[] { write_file("a.c", "int a;\n"); }, "a.c"},
      {[] { write_file("inc/v.h", "#define V 4\n"); }, "inc/v.h"},
      {[] { fs::remove("inc/v.h"); }, "inc/v.h"},
      {[&] { fs::remove(folder_ / "first/inc/v.h"); }, "inc/v.h"},
      {[] { write_file("inc/v.h.gch", ""); }, "inc/v.h"},
      {[] { write_file("inc/a.c", ""); }, "inc/"},
      {[] { write_file("v.h", ""); }, "./"},
  };
  for (const Change &change : changes) {
    compile(kCommand, "a.o: a.c inc/v.h\n");
    start_patched_build();
    EXPECT_TRUE(reused()) << change.reason;
    change.make();
    EXPECT_FALSE(reused()) << change.reason;
    EXPECT_EQ(why(), change.reason);
    fs::current_path(before_);
    fs::remove_all(folder_ / "work");
    fs::rename(folder_ / "first", folder_ / "work");
    fs::current_path(folder_ / "work");
    write_file("a.c", "#include \"v.h\"\n");
    write_file("inc/v.h", "#define V 3\n");
    fs::remove_all(folder_ / "store/asm");
  }
}

// Names that make's rules quote are compared, too.
TEST_F(ReuseTest, KnowsQuotedNames) {
  write_file("inc/a #$.h", "1");
  compile(kCommand, "a.o: a.c inc/a\\ \\#$$.h\n");
  start_patched_build();
  EXPECT_TRUE(reused());
  write_file("inc/a #$.h", "2");
  EXPECT_FALSE(reused());
  EXPECT_EQ(why(), "inc/a #$.h");
}

TEST_F(ReuseTest, PassesOverNewFilesThatNothingAsksFor) {
  compile(kCommand, "a.o: a.c inc/v.h\n");
  start_patched_build();
  for (const char *file : {"inc/new.h", "inc/a.o", "inc/v.h.d", "src/v.h"})
    write_file(file, "");
  EXPECT_TRUE(reused());
}

TEST_F(ReuseTest, SeesWhatHasIncludeAsksFor) {
  for (const char *line :
       {"__has_include(\"late.h\")", "__has_include ( <sub/late.h>)",
        "__has_include_next(<late.h>)", "__has_embed(\"late.h\")", "__has_include(MACRO)"}) {
    write_file("a.c", std::string("#if ") + line + "\n#endif\n");
    compile(kCommand, "a.o: a.c inc/v.h\n", line);
    start_patched_build();
    EXPECT_TRUE(reused()) << line;
    write_file("inc/late.h", "");
    EXPECT_FALSE(reused()) << line;
    fs::current_path(before_);
    fs::remove_all(folder_ / "work");
    fs::rename(folder_ / "first", folder_ / "work");
    fs::current_path(folder_ / "work");
    fs::remove_all(folder_ / "store/asm");
  }
}

TEST_F(ReuseTest, WantsTheSameCall) {
  compile(kCommand, "a.o: a.c inc/v.h\n");
  start_patched_build();
  EXPECT_TRUE(reused());
  EXPECT_FALSE(reused(kCommand, "gcc-12"));
  EXPECT_FALSE(reused({"-O1", "-Iinc", "-c", "a.c", "-o", "a.o"}));
  {
    EnvironmentSet epoch("SOURCE_DATE_EPOCH", "1800000000");
    EXPECT_FALSE(reused());
  }
  fs::current_path("src");
  EXPECT_FALSE(reused({"-O2", "-Iinc", "-c", "a.c", "-o", "../a.o"}));
  EXPECT_EQ(why(), "compiled otherwise, or not at all, in the original build");
}

TEST_F(ReuseTest, CannotTellTwoResultsOfOneCall) {
  compile(kCommand, "a.o: a.c inc/v.h\n", "one");
  compile(kCommand, "a.o: a.c inc/v.h\n", "other");
  start_patched_build();
  EXPECT_FALSE(reused());
  EXPECT_EQ(why(), "compiled twice with different results in the original build");
}

TEST_F(ReuseTest, CompilesWithoutAWholeList) {
  for (const char *list : {"", "a.o: a.c inc/v.h", "a.o:\n"}) {
    compile(kCommand, list);
    start_patched_build();
    EXPECT_FALSE(reused()) << list;
    EXPECT_EQ(why(), "no list of what it read");
    fs::current_path(before_);
    fs::remove_all(folder_ / "work");
    fs::rename(folder_ / "first", folder_ / "work");
    fs::current_path(folder_ / "work");
    fs::remove_all(folder_ / "store/asm");
  }
}

TEST_F(ReuseTest, RecordsNoTextThatIncludesAFile) {
  for (const char *text : {".incbin \"data\"", ".include \"more.s\""})
    compile(kCommand, "a.o: a.c\n", text);
  start_patched_build();
  EXPECT_FALSE(reused());
}

TEST_F(ReuseTest, IsPreventedForAScript) {
  prepare_reuse(store_, "gcc", kCommand);
  EXPECT_FALSE(environment("KPATCH_REUSE_CALL").empty());
  prevent_reuse();
  EXPECT_TRUE(environment("KPATCH_REUSE_CALL").empty());
}

TEST_F(ReuseTest, NeedsBothTreesAndAFixedDate) {
  for (const char *variable : {kTreeVariable, kOriginalTreeVariable, "SOURCE_DATE_EPOCH"}) {
    EnvironmentSet none(variable, "");
    EXPECT_EQ(prepare_reuse(store_, "gcc", kCommand), Words{}) << variable;
  }
  EnvironmentSet other("DEPENDENCIES_OUTPUT", "list");
  EXPECT_EQ(prepare_reuse(store_, "gcc", kCommand), Words{});
}

// Options that are known to be harmless, and no others.
TEST(ReuseLine, TakesPlainCommandsOnly) {
  auto refused_for = [](Words words) {
    words.insert(words.end(), {"-c", "a.c", "-o", "a.o"});
    return read_reuse_line(words).why_not;
  };
  for (const char *option : {"-O2", "-g3", "-fPIC", "-std=c99", "-Wall", "-DX=1", "-pthread",
                             "-Wa,--noexecstack", "-Wp,-DX,-UY", "-march=native"})
    EXPECT_EQ(refused_for({option}), "") << option;
  for (const char *option :
       {"-fprofile-use", "-save-temps", "-gsplit-dwarf", "-Wa,-aln=list", "-Wp,-MD,list", "-v",
        "--unknown", "-Xclang", "-fplugin=x.so", "-fsanitize=address"})
    EXPECT_EQ(refused_for({option}), option);
  EXPECT_EQ(read_reuse_line({"-c", "a.c", "b.c"}).why_not, "b.c");
  EXPECT_EQ(read_reuse_line({"-c", "a.s"}).why_not, "a.s");
  EXPECT_FALSE(read_reuse_line({"a.c", "-o", "a"}).eligible);
}

TEST(ReuseLine, ReadsFilesOfOptions) {
  TempFolder folder;
  std::string specs = folder / "specs";
  write_file(specs, "*self_spec:\n+ -fno-PIE\n");
  for (const Words &option : {Words{"-specs=" + specs}, Words{"-specs", specs},
                              Words{"--specs=" + specs}, Words{"--specs", specs}}) {
    Words words = option;
    words.insert(words.end(), {"-c", "a.c", "-o", "a.o"});
    ReuseLine line = read_reuse_line(words);
    EXPECT_TRUE(line.eligible) << line.why_not;
    EXPECT_EQ(line.specs, Words{specs});
    EXPECT_EQ(line.source, "a.c");
  }
}

} // namespace
} // namespace care::cc
