// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/guardian.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/print.h"
#include "lib/base/temp_folder.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

struct Orders {
  pid_t group = 0;
  std::string one, other;
  std::vector<std::string> remove;
};

// Orders are 'X' text NUL: file names may hold anything else.
void take(Orders &orders, std::string_view order) {
  std::string text(order.substr(1));
  switch (order[0]) {
  case 'k':
    orders.group = static_cast<pid_t>(std::atol(text.c_str()));
    break;
  case '1':
    orders.one = text;
    break;
  case '2':
    orders.other = text;
    break;
  case 'r':
    orders.remove.push_back(text);
    break;
  }
}

Orders listen(int fd) {
  Orders orders;
  std::string pending;
  char buffer[4096];
  for (;;) {
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return orders;
    pending.append(buffer, static_cast<size_t>(n));
    for (size_t end; (end = pending.find('\0')) != std::string::npos; pending.erase(0, end + 1))
      if (end > 0)
        take(orders, std::string_view(pending).substr(0, end));
  }
}

[[noreturn]] void guard(int fd) {
  setsid();
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE})
    std::signal(signal, SIG_IGN);
  (void)!chdir("/");
  // A reader of our output must not wait for the clean-up.
  int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  Orders orders = listen(fd);
  if (orders.group > 0)
    kill(-orders.group, SIGKILL);
  if (!orders.one.empty() && !orders.other.empty()) {
    try {
      exchange_paths(orders.one, orders.other);
    } catch (const std::exception &e) {
      print_err("kpatch_make: {}\n", as_error(e).message());
      _exit(1); // the work folder holds the user's tree now: keep it
    }
  }
  // A build that is being killed may write for a moment yet.
  for (const std::string &folder : orders.remove)
    for (int i = 0; i < 50 && fs::exists(fs::symlink_status(folder)); i++) {
      if (i > 0)
        usleep(100'000);
      remove_folder(folder);
    }
  _exit(0);
}

} // namespace

void exchange_paths(const std::string &one, const std::string &other) {
  if (renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) != 0)
    throw system_error(errno, "cannot exchange {} and {}", one, other);
}

Guardian::Guardian() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw system_error(errno, "cannot create a pipe");
  Fd read_end(ends[0]), write_end(ends[1]);
  pid_ = fork();
  if (pid_ < 0)
    throw system_error(errno, "cannot start the guardian");
  if (pid_ == 0) {
    write_end.reset();
    guard(read_end.get());
  }
  pipe_ = std::move(write_end);
}

Guardian::~Guardian() {
  pipe_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Guardian::tell(char what, const std::string &text) const {
  write_all(pipe_.get(), std::string(1, what) + text + '\0', "the guardian's pipe");
}

void Guardian::remove(const std::string &folder) const {
  tell('r', folder);
}

void Guardian::kill_group(pid_t group) const {
  tell('k', std::to_string(group));
}

void Guardian::exchange(const std::string &one, const std::string &other) const {
  tell('1', one);
  tell('2', other);
}

} // namespace care::make
