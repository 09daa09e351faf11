// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/root_view.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kpatch_make/sources/mounts.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void end_as(int status) {
  std::fflush(nullptr);
  _exit(exit_status_of(status));
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// The first process of a pid namespace is everybody's last parent.
[[noreturn]] void reap_until(pid_t worker) {
  for (;;) {
    int status = 0;
    pid_t pid = wait(&status);
    if (pid == worker || (pid < 0 && errno == ECHILD))
      end_as(status);
  }
}

std::string overlay_options(const RootView &view) {
  std::string lower;
  for (const std::string &layer : view.lower)
    lower += (lower.empty() ? "" : ":") + layer;
  for (const std::string &path : {lower, view.place})
    if (path.find_first_of(",\\") != std::string::npos)
      throw error("{}: overlayfs takes no such path", path)
          .with_hint("set TMPDIR and XDG_CACHE_HOME to paths of plain letters");
  return fmt::format("lowerdir={},upperdir={},workdir={}/work", lower, view.upper(), view.place);
}

// `volatile`: no sync of what is thrown away or made again after a crash.
void mount_overlay(const RootView &view, const std::string &root) {
  for (const std::string &folder : {view.upper(), view.place + "/work", root})
    fs::create_directories(folder);
  std::string options = overlay_options(view);
  if (mount("overlay", root.c_str(), "overlay", 0, (options + ",volatile").c_str()) != 0)
    mount_new("overlay", root, 0, options);
}

void make_devices(const std::string &dev) {
  mount_new("tmpfs", dev, MS_NOSUID, "mode=755,size=64k");
  for (const char *name : {"null", "zero", "full", "random", "urandom", "tty"}) {
    open_file(dev + "/" + name, O_WRONLY | O_CREAT).reset();
    bind_mount(std::string("/dev/") + name, dev + "/" + name);
  }
  const std::array<std::pair<const char *, const char *>, 5> links = {{{"/proc/self/fd", "fd"},
                                                                       {"fd/0", "stdin"},
                                                                       {"fd/1", "stdout"},
                                                                       {"fd/2", "stderr"},
                                                                       {"pts/ptmx", "ptmx"}}};
  for (const auto &[target, name] : links)
    fs::create_symlink(target, dev + "/" + name);
  for (const char *folder : {"/pts", "/shm"})
    fs::create_directory(dev + folder);
  mount_new("devpts", dev + "/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
  mount_new("tmpfs", dev + "/shm", MS_NOSUID | MS_NODEV, "mode=1777");
}

// Builds may look at the kernel's view of the machine.
void make_kernel_folders(const std::string &root) {
  mount_new("proc", root + "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  if (mount("sysfs", (root + "/sys").c_str(), "sysfs", MS_RDONLY | MS_NOSUID, nullptr) != 0)
    (void)mount("/sys", (root + "/sys").c_str(), nullptr, MS_BIND | MS_REC, nullptr);
}

void loopback_up() {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::snprintf(request.ifr_name, sizeof request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  (void)ioctl(fd.get(), SIOCSIFFLAGS, &request);
}

void copy_resolver(const std::string &root) {
  for (const char *file : {"/etc/resolv.conf", "/etc/hosts"}) {
    std::error_code ignored;
    fs::remove(root + file, ignored);
    if (fs::exists(file, ignored))
      write_file(root + file, read_file(file), 0644);
  }
}

void make_view(const RootView &view) {
  std::string root = view.place + "/root";
  make_mounts_private();
  mount_overlay(view, root);
  make_kernel_folders(root);
  make_devices(root + "/dev");
  if (view.network)
    copy_resolver(root);
  for (const std::string &path : view.shared) {
    fs::create_directories(root + path);
    bind_mount(path, root + path);
  }
  for (const auto &[from, to] : view.binds) {
    fs::create_directories(root + to);
    bind_mount(from, root + to);
  }
  if (chdir(root.c_str()) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
    throw system_error(errno, "cannot change the root to {}", root);
  umask(022);
}

[[noreturn]] void become(const RootView &view, const RootCommand &command, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (output >= 0) {
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(output, 1);
    dup2(output, 2);
  }
  try {
    enter_root(view);
    if (chdir(command.directory.c_str()) != 0)
      throw system_error(errno, "cannot enter {}", command.directory);
    clearenv();
    for (const auto &[name, value] : root_environment())
      setenv(name.c_str(), value.c_str(), 1);
    for (const auto &[name, value] : command.environment)
      setenv(name.c_str(), value.c_str(), 1);
    exec_command(command.argv);
  } catch (const std::exception &e) {
    print_err("kpatch_make: {}\n", as_error(e).message());
  }
  std::fflush(stderr);
  _exit(127);
}

} // namespace

void enter_root(const RootView &view) {
  int namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if (unshare(view.network ? namespaces : namespaces | CLONE_NEWNET) != 0)
    throw system_error(errno, "cannot create namespaces for a clean root");
  pid_t first = fork();
  if (first < 0)
    throw system_error(errno, "cannot start a process");
  if (first > 0)
    end_as(wait_for(first));
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!view.network)
    loopback_up();
  make_view(view);
  pid_t worker = fork();
  if (worker < 0)
    throw system_error(errno, "cannot start a process");
  if (worker > 0)
    reap_until(worker);
}

std::map<std::string, std::string> root_environment() {
  std::map<std::string, std::string> variables = {
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"LANG", "C.UTF-8"},
      {"LC_ALL", "C.UTF-8"},
      {"HOME", "/nonexistent"},
      {"USER", "root"},
      {"LOGNAME", "root"},
      {"SHELL", "/bin/sh"},
      {"DEBIAN_FRONTEND", "noninteractive"},
  };
  for (const char *name : {"http_proxy", "https_proxy", "no_proxy", "TERM"})
    if (std::string value = environment(name); !value.empty())
      variables[name] = value;
  return variables;
}

int run_in_root(const RootView &view, const RootCommand &command) {
  Fd log;
  if (!command.log.empty() && !command.verbose)
    log = open_file(command.log, O_WRONLY | O_CREAT | O_APPEND);
  std::fflush(nullptr);
  pid_t pid = fork();
  if (pid < 0)
    throw system_error(errno, "cannot start {}", command.argv[0]);
  if (pid == 0)
    become(view, command, log ? log.get() : -1);
  return exit_status_of(wait_for(pid));
}

} // namespace care::make
