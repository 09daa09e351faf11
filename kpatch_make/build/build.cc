// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/build/build.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kpatch_make/build/progress.h"
#include "kpatch_make/sources/fixes.h"
#include "lib/base/error.h"
#include "lib/base/lines.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTick = 200; // milliseconds between two looks at the store

// The signals that end kpatch_make, and SIGCHLD, as something to poll. While
// this lives they are blocked; what came meanwhile is delivered afterwards.
class Signals {
 public:
  Signals() {
    sigemptyset(&mask_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD})
      sigaddset(&mask_, signal);
    sigprocmask(SIG_BLOCK, &mask_, &old_);
    fd_ = Fd(signalfd(-1, &mask_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  Signals(const Signals &) = delete;
  Signals &operator=(const Signals &) = delete;
  ~Signals() { sigprocmask(SIG_SETMASK, &old_, nullptr); }

  int fd() const { return fd_.get(); }
  const sigset_t &before() const { return old_; }

  // A signal that asks us to end, or 0.
  int take() const {
    signalfd_siginfo info{};
    while (read(fd_.get(), &info, sizeof info) == sizeof info)
      if (info.ssi_signo != SIGCHLD)
        return static_cast<int>(info.ssi_signo);
    return 0;
  }

 private:
  sigset_t mask_{}, old_{};
  Fd fd_;
};

[[noreturn]] void become_build(const Build &build, const WorkArea &area, const Signals &signals,
                               int output) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigprocmask(SIG_SETMASK, &signals.before(), nullptr);
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(output, 1);
  dup2(output, 2);
  try {
    if (build.enter)
      build.enter(build.stage);
    else if (build.isolation != Isolation::exchange)
      enter_view(build.isolation, area.tree(build.stage), build.tree);
    if (chdir(build.tree.c_str()) != 0)
      throw system_error(errno, "cannot enter {}", build.tree);
    // When a makefile calls us, its settings are not for the package's build.
    for (const char *name : {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PWD", "OLDPWD"})
      unsetenv(name);
    if (build.clean_environment)
      clearenv();
    for (const auto &[name, value] : build.environment)
      setenv(name.c_str(), value.c_str(), 1);
    setenv(kStageVariable, build.stage.c_str(), 1);
    setenv("PWD", build.tree.c_str(), 1);
    exec_command(build.command);
  } catch (const std::exception &e) {
    print_err("kpatch_make: {}\n", as_error(e).message());
  }
  std::fflush(stderr);
  _exit(127);
}

// The build as a child process with its output in a pipe.
struct Child {
  pid_t pid = -1;
  Fd output;
};

Child start(const Build &build, const WorkArea &area, const Signals &signals) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw system_error(errno, "cannot create a pipe");
  Fd read_end(ends[0]), write_end(ends[1]);
  fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  pid_t pid = fork();
  if (pid < 0)
    throw system_error(errno, "cannot start the build");
  if (pid == 0)
    become_build(build, area, signals, write_end.get());
  setpgid(pid, pid);
  return {pid, std::move(read_end)};
}

// Moves what there is to the log. False at the end of the output.
bool drain(const Child &child, int log, bool verbose) {
  char buffer[65536];
  for (;;) {
    ssize_t n = read(child.output.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n < 0;
    write_all(log, {buffer, static_cast<size_t>(n)}, "the build log");
    if (verbose)
      write_all(STDERR_FILENO, {buffer, static_cast<size_t>(n)}, "stderr");
  }
}

[[noreturn]] void interrupted(const Child &child, int signal) {
  kill(-child.pid, SIGTERM);
  for (int i = 0; i < 20 && waitpid(child.pid, nullptr, WNOHANG) == 0; i++)
    usleep(100'000);
  kill(-child.pid, SIGKILL);
  throw error(static_cast<ExitCode>(128 + signal), "stopped by signal {} ({})", signal,
              strsignal(signal))
      .with_hint("the source tree is as it was");
}

size_t count_lines(const std::string &path) {
  return std::filesystem::exists(path) ? lines_of_file(path).size() : 0;
}

// Until the build is over; returns its exit status as a shell gives it.
int supervise(const Child &child, const Signals &signals, int log, bool verbose, Progress &progress,
              rusage &usage) {
  bool open = true;
  for (;;) {
    pollfd fds[2] = {{signals.fd(), POLLIN, 0}, {open ? child.output.get() : -1, POLLIN, 0}};
    poll(fds, 2, kTick);
    if (open)
      open = drain(child, log, verbose);
    if (int signal = signals.take(); signal != 0)
      interrupted(child, signal);
    progress.update();
    int status = 0;
    if (wait4(child.pid, &status, WNOHANG, &usage) == child.pid) {
      if (open)
        drain(child, log, verbose);
      return exit_status_of(status);
    }
  }
}

// The exchange of copy and tree for as long as this lives.
class Exchange {
 public:
  Exchange(const Guardian &guardian, std::string copy, std::string tree)
      : guardian_(guardian), copy_(std::move(copy)), tree_(std::move(tree)) {
    exchange_paths(copy_, tree_);
    guardian_.exchange(copy_, tree_);
  }
  Exchange(const Exchange &) = delete;
  Exchange &operator=(const Exchange &) = delete;
  ~Exchange() {
    try {
      exchange_paths(copy_, tree_);
      guardian_.exchange("", "");
    } catch (...) {
      // The guardian tries again and says what is wrong.
    }
  }

 private:
  const Guardian &guardian_;
  std::string copy_, tree_;
};

} // namespace

double cpu_seconds(const rusage &usage) {
  auto seconds = [](const timeval &time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

BuildResult run_build(const Build &build, const WorkArea &area, const Guardian &guardian) {
  Signals signals;
  std::optional<Exchange> exchange;
  if (build.isolation == Isolation::exchange)
    exchange.emplace(guardian, area.tree(build.stage), build.tree);
  Fd log = open_file(area.log(build.stage), O_WRONLY | O_CREAT | O_TRUNC);
  Progress progress(build.stage, area.store() + "/" + kStoreLogPrefix + build.stage,
                    !build.verbose && build.title.empty());
  Clock::time_point begin = Clock::now();
  Child child = start(build, area, signals);
  guardian.kill_group(child.pid);
  rusage usage{};
  int status = supervise(child, signals, log.get(), build.verbose, progress, usage);
  guardian.kill_group(0);
  BuildResult result;
  result.time.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  result.time.cpu_seconds = cpu_seconds(usage);
  result.peak_kb = usage.ru_maxrss;
  if (build.stage == kStagePatched)
    result.reused = count_lines(area.store() + "/" + kStoreReused);
  if (build.title.empty())
    result.assembled = progress.finish(result.time, result.reused);
  std::string title = build.title.empty() ? fmt::format("the {} build", build.stage) : build.title;
  if (status != 0)
    throw error(ExitCode::build_failed, "{} failed: {} ended with exit code {}:\n{}", title,
                shell_text(build.command), status, last_lines(read_file(area.log(build.stage))))
        .with_hint(build.stage == kStageOriginal
                       ? "this is the unchanged source: try the command by hand"
                       : "the source tree is as it was; --keep DIR keeps the whole log");
  return result;
}

} // namespace care::make
