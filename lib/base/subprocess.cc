// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/subprocess.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care {

namespace {

[[noreturn]] void child(const Command &command, std::vector<char *> &argv, int output,
                        int status_fd) {
  auto fail = [status_fd] {
    int errnum = errno;
    (void)!write(status_fd, &errnum, sizeof errnum);
    _exit(127);
  };
  if (command.ends_with_us)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (command.directory && chdir(command.directory->c_str()) != 0)
    fail();
  if (command.stdin_path || command.capture) {
    int in = open(command.stdin_path ? command.stdin_path->c_str() : "/dev/null", O_RDONLY);
    if (in < 0 || dup2(in, 0) < 0)
      fail();
  }
  if (output >= 0 && (dup2(output, 1) < 0 || (command.stderr_too && dup2(output, 2) < 0)))
    fail();
  for (const auto &[name, value] : command.environment)
    setenv(name.c_str(), value.c_str(), 1);
  execvp(argv[0], argv.data());
  fail();
  _exit(127);
}

void collect(int fd, const Command &command, std::string &output) {
  size_t line_start = 0;
  char buffer[65536];
  for (;;) {
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    output.append(buffer, static_cast<size_t>(n));
    for (size_t end; (end = output.find('\n', line_start)) != std::string::npos;
         line_start = end + 1)
      if (command.on_line)
        command.on_line(std::string_view(output).substr(line_start, end - line_start));
  }
  if (line_start < output.size() && command.on_line)
    command.on_line(std::string_view(output).substr(line_start));
}

// As the exec calls want them; valid as long as `argv` is.
std::vector<char *> pointers_to(const std::vector<std::string> &argv) {
  std::vector<char *> words;
  for (const std::string &arg : argv)
    words.push_back(const_cast<char *>(arg.c_str()));
  words.push_back(nullptr);
  return words;
}

} // namespace

Outcome run(const Command &command) {
  std::vector<char *> argv = pointers_to(command.argv);

  int status_pipe[2];
  int output_pipe[2] = {-1, -1};
  if (pipe2(status_pipe, O_CLOEXEC) != 0)
    throw system_error(errno, "cannot create a pipe");
  Fd status_read(status_pipe[0]), status_write(status_pipe[1]);
  if (command.capture && pipe2(output_pipe, O_CLOEXEC) != 0)
    throw system_error(errno, "cannot create a pipe");
  Fd output_read(output_pipe[0]), output_write(output_pipe[1]);

  pid_t pid = fork();
  if (pid < 0)
    throw system_error(errno, "cannot start {}", command.argv[0]);
  if (pid == 0)
    child(command, argv, output_write.get(), status_write.get());
  status_write.reset();
  output_write.reset();

  Outcome outcome;
  if (command.capture)
    collect(output_read.get(), command, outcome.output);
  int errnum = 0;
  bool failed = read(status_read.get(), &errnum, sizeof errnum) == sizeof errnum;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed)
    throw system_error(errnum, "cannot run {}", command.argv[0]);
  outcome.exit_status = exit_status_of(status);
  return outcome;
}

int exit_status_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

void exec_command(const std::vector<std::string> &argv) {
  std::vector<char *> words = pointers_to(argv);
  execvp(words[0], words.data());
  throw system_error(errno, "cannot run {}", argv[0]);
}

std::string shell_text(const std::vector<std::string> &argv) {
  constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_-./=:,+@%";
  std::string text;
  for (const std::string &arg : argv) {
    if (!text.empty())
      text += ' ';
    if (!arg.empty() && arg.find_first_not_of(safe) == std::string::npos) {
      text += arg;
      continue;
    }
    text += '\'';
    for (char c : arg)
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

} // namespace care
