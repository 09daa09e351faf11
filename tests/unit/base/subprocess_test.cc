// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which program a name stands for, and how the end of a process reads.
#include "lib/base/subprocess.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/environment.h"
#include "lib/base/error.h"

namespace care {
namespace {

// PATH as it is to be, for as long as this lives.
class Path {
 public:
  explicit Path(const char *path) : old_(environment("PATH")) { setenv("PATH", path, 1); }
  Path(const Path &) = delete;
  Path &operator=(const Path &) = delete;
  ~Path() { setenv("PATH", old_.c_str(), 1); }

 private:
  std::string old_;
};

TEST(FindInPath, LooksWhereExecvpLooks) {
  Path path("/no/such/folder:/bin:/usr/bin");
  EXPECT_EQ(find_in_path("sh"), "/bin/sh");
  EXPECT_EQ(find_in_path("no-such-program"), "");
  EXPECT_EQ(find_in_path("passwd/"), "passwd/"); // a slash: as it is
}

TEST(FindInPath, TakesAnEmptyWordForTheWorkingFolder) {
  Path path(":/bin");
  EXPECT_EQ(find_in_path("no-such-program"), "");
  EXPECT_EQ(find_in_path("sh"), "/bin/sh");
  Path last("/no/such/folder:");
  EXPECT_EQ(find_in_path("sh"), "");
}

template<typename Action>
int status_of(Action action) {
  pid_t pid = fork();
  if (pid == 0) {
    action();
    _exit(99);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_status_of(status);
}

TEST(ExitStatus, IsThatOfAShell) {
  EXPECT_EQ(status_of([] { _exit(3); }), 3);
  EXPECT_EQ(status_of([] { raise(SIGKILL); }), 128 + SIGKILL);
}

TEST(ExecCommand, BecomesTheProgramWithItsWords) {
  EXPECT_EQ(status_of([] { exec_command({"sh", "-c", "exit $1", "sh", "42"}); }), 42);
}

TEST(ExecCommand, NamesWhatItCannotRun) {
  try {
    exec_command({"no-such-program"});
  } catch (const Error &e) {
    EXPECT_NE(e.message().find("cannot run no-such-program"), std::string::npos) << e.message();
  }
}

} // namespace
} // namespace care
