// SPDX-License-Identifier: GPL-2.0-or-later
#include "libcare-ctl/perf_map.h"

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/fd.h"

namespace care::ctl {

namespace {

// What another writer left is read to see what is there already; more than this is not.
constexpr off_t kMostRead = 64 << 20;

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// Of the process, as the file system sees it.
Owner owner_of(const Process &process) {
  struct stat st {};
  if (stat(fmt::format("/proc/{}", process.tid()).c_str(), &st) != 0)
    throw no_such_process(process.pid());
  return {st.st_uid, st.st_gid};
}

// Its pid where it lives: the last number of the NSpid line (Linux 4.1).
pid_t inner_pid(const Process &process) {
  std::string status = read_file(fmt::format("/proc/{}/status", process.pid()));
  size_t line = status.find("\nNSpid:");
  if (line == std::string::npos)
    return process.pid();
  std::string text = status.substr(line + 1, status.find('\n', line + 1) - line - 1);
  size_t last = text.find_last_of("\t ") + 1;
  pid_t pid = process.pid();
  std::from_chars(text.data() + last, text.data() + text.size(), pid);
  return pid;
}

// Where openat2(2) is missing (before Linux 5.6) plain O_NOFOLLOW has to do: "tmp" is one
// component.
Fd open_tmp(const Process &process) {
  Fd root = open_file(fmt::format("/proc/{}/root", process.tid()), O_PATH | O_DIRECTORY);
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS;
  long fd = ::syscall(SYS_openat2, root.get(), "tmp", &how, sizeof how);
  if (fd < 0 && errno == ENOSYS)
    fd = openat(root.get(), "tmp", static_cast<int>(how.flags));
  if (fd < 0)
    throw system_error(errno, "cannot open the /tmp of process {}", process.pid());
  return Fd(static_cast<int>(fd));
}

void check_existing(const Fd &file, const std::string &path, const Owner &owner) {
  struct stat st {};
  if (fstat(file.get(), &st) != 0)
    throw system_error(errno, "cannot look at {}", path);
  if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
    throw error(ExitCode::no_permission, "{}: not a plain file with one name", path);
  if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != owner.uid)
    throw error(ExitCode::no_permission, "{}: belongs to user {}", path, st.st_uid);
}

Fd open_map(const Fd &tmp, const std::string &path, const Owner &owner) {
  std::string name = path.substr(path.rfind('/') + 1);
  int fd =
      openat(tmp.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (fd >= 0) {
    Fd file(fd);
    if (fchown(fd, static_cast<uid_t>(-1), owner.gid) != 0 && errno != EPERM)
      throw system_error(errno, "cannot give {} to the group of the process", path);
    return file;
  }
  if (errno != EEXIST)
    throw system_error(errno, "cannot create {}", path);
  // A fifo would block, a device do what it likes: looked at before anything is written.
  Fd file(openat(tmp.get(), name.c_str(), O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file)
    throw system_error(errno, "cannot open {}", path);
  check_existing(file, path, owner);
  return file;
}

std::string content_of(const Fd &file) {
  struct stat st {};
  if (fstat(file.get(), &st) != 0 || st.st_size <= 0 || st.st_size > kMostRead)
    return {};
  std::string text(static_cast<size_t>(st.st_size), '\0');
  ssize_t n = pread(file.get(), text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return text;
}

} // namespace

std::string write_perf_map(const Process &process, const std::vector<NamedCode> &functions) {
  std::string path = fmt::format("/tmp/perf-{}.map", inner_pid(process));
  Fd file = open_map(open_tmp(process), path, owner_of(process));
  std::string there = content_of(file);
  std::string added;
  for (const NamedCode &f : functions) {
    std::string line = fmt::format("{:x} {:x} {}\n", f.range.begin.value, f.range.size(), f.name);
    if (there.find(line) == std::string::npos)
      added += line;
  }
  write_all(file.get(), added, path);
  return path;
}

} // namespace care::ctl
