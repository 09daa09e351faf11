// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is cleaned up at the end, whatever the end was.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

#include "kpatch_make/guardian.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;

// A program that would run for ever, alone in its process group.
pid_t start_sleeper() {
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    for (;;)
      pause();
  }
  setpgid(pid, pid);
  return pid;
}

int status_of(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

// Runs `body` with a guardian in a process of its own, which is killed then. Returns when the
// guardian is done: it holds the pipe's other end until then.
void run_and_be_killed(const std::function<void(const Guardian &)> &body) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Fd read_end(ends[0]), write_end(ends[1]);
  pid_t pid = fork();
  if (pid == 0) {
    read_end.reset();
    Guardian guardian;
    body(guardian);
    raise(SIGKILL);
  }
  write_end.reset();
  EXPECT_TRUE(WIFSIGNALED(status_of(pid)));
  char byte = 0;
  EXPECT_EQ(read(read_end.get(), &byte, 1), 0);
}

TEST(Guardian, RemovesFoldersAtTheEnd) {
  TempFolder folder;
  std::string one = folder / "one", other = folder / "two words";
  fs::create_directories(one + "/deep");
  fs::create_directories(other);
  write_file(one + "/deep/file", "x");
  fs::permissions(one + "/deep", fs::perms::owner_read | fs::perms::owner_exec);
  {
    Guardian guardian;
    guardian.remove(one);
    guardian.remove(other);
    EXPECT_TRUE(fs::exists(one)) << "not before the end";
  }
  EXPECT_FALSE(fs::exists(one));
  EXPECT_FALSE(fs::exists(other));
}

TEST(Guardian, RemovesALinkAndNotWhereItLeads) {
  TempFolder folder;
  fs::create_directory(folder / "precious");
  fs::create_directory_symlink(folder / "precious", folder / "link");
  {
    Guardian guardian;
    guardian.remove(folder / "link");
  }
  EXPECT_FALSE(fs::exists(fs::symlink_status(folder / "link")));
  EXPECT_TRUE(fs::exists(folder / "precious"));
}

TEST(Guardian, KillsTheGroupThatStillRuns) {
  pid_t group = start_sleeper();
  {
    Guardian guardian;
    guardian.kill_group(group);
  }
  int status = status_of(group);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(Guardian, LeavesAGroupThatIsDone) {
  pid_t group = start_sleeper();
  {
    Guardian guardian;
    guardian.kill_group(group);
    guardian.kill_group(0);
  }
  EXPECT_EQ(waitpid(group, nullptr, WNOHANG), 0);
  kill(group, SIGKILL);
  status_of(group);
}

TEST(Guardian, ChangesTreesBack) {
  TempFolder folder;
  write_file(folder / "one", "tree");
  write_file(folder / "other", "copy");
  {
    Guardian guardian;
    exchange_paths(folder / "one", folder / "other");
    guardian.exchange(folder / "one", folder / "other");
    EXPECT_EQ(read_file(folder / "one"), "copy");
  }
  EXPECT_EQ(read_file(folder / "one"), "tree");
  {
    Guardian guardian;
    guardian.exchange(folder / "one", folder / "other");
    guardian.exchange("", "");
  }
  EXPECT_EQ(read_file(folder / "one"), "tree");
}

TEST(Guardian, DoesAllOfItForOneThatIsKilled) {
  TempFolder folder;
  std::string work = folder / "work";
  fs::create_directory(work);
  write_file(folder / "one", "copy");
  write_file(folder / "other", "tree");
  pid_t group = start_sleeper();
  run_and_be_killed([&](const Guardian &guardian) {
    guardian.remove(work);
    guardian.kill_group(group);
    guardian.exchange(folder / "one", folder / "other");
  });
  EXPECT_FALSE(fs::exists(work));
  EXPECT_EQ(read_file(folder / "one"), "tree");
  EXPECT_TRUE(WIFSIGNALED(status_of(group)));
}

// The folder holds the user's tree then.
TEST(Guardian, KeepsFoldersWhenTreesCannotBeChangedBack) {
  TempFolder folder;
  std::string work = folder / "work";
  fs::create_directory(work);
  testing::internal::CaptureStderr();
  {
    Guardian guardian;
    guardian.remove(work);
    guardian.exchange(folder / "none", folder / "neither");
  }
  std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(fs::exists(work));
  EXPECT_NE(said.find("cannot exchange"), std::string::npos) << said;
}

TEST(ExchangePaths, SaysWhatItCannotExchange) {
  TempFolder folder;
  EXPECT_THROW(exchange_paths(folder / "a", folder / "b"), Error);
}

} // namespace
} // namespace care::make
