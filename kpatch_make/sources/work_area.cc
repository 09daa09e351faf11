// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/work_area.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sched.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kpatch_make/sources/added_folder.h"
#include "kpatch_make/sources/mounts.h"
#include "lib/base/error.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// In a user namespace of our own we are allowed to mount. Everybody keeps the
// id that they have: builds look at it.
void enter_user_namespace() {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) != 0)
    throw system_error(errno, "cannot create a user namespace");
  write_all(open_file("/proc/self/setgroups", 01).get(), "deny", "/proc/self/setgroups");
  write_all(open_file("/proc/self/uid_map", 01).get(), fmt::format("{0} {0} 1", uid), "uid_map");
  write_all(open_file("/proc/self/gid_map", 01).get(), fmt::format("{0} {0} 1", gid), "gid_map");
}

bool works(Isolation isolation, const std::string &tree) {
  pid_t pid = fork();
  if (pid < 0)
    throw system_error(errno, "cannot start a process");
  if (pid == 0) {
    try {
      enter_view(isolation, tree, tree);
      _exit(0);
    } catch (...) {
      _exit(1);
    }
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool usable(const std::string &folder, const std::string &tree) {
  struct statvfs info {};
  // Builds run what they have built (configure probes, generators).
  return statvfs(folder.c_str(), &info) == 0 && (info.f_flag & ST_NOEXEC) == 0 &&
         access(folder.c_str(), W_OK) == 0 && (folder + "/").rfind(tree + "/", 0) != 0;
}

std::string temporary_folder(const std::string &tree) {
  const char *named = getenv("TMPDIR");
  for (std::string folder : {std::string(named != nullptr ? named : ""), std::string("/var/tmp"),
                             std::string("/tmp"), fs::path(tree).parent_path().string()}) {
    std::error_code ignored;
    folder = fs::canonical(folder, ignored);
    if (!folder.empty() && usable(folder, tree))
      return folder;
  }
  throw error("no folder for temporary files").with_hint("set TMPDIR");
}

} // namespace

Isolation find_isolation(const std::string &tree) {
  // For tests and for the rare system where the namespaces work but disturb.
  if (getenv("KPATCH_IN_PLACE") != nullptr)
    return Isolation::exchange;
  if (works(Isolation::mount_namespace, tree))
    return Isolation::mount_namespace;
  if (works(Isolation::user_namespace, tree))
    return Isolation::user_namespace;
  return Isolation::exchange;
}

void enter_view(Isolation isolation, const std::string &copy, const std::string &tree) {
  if (isolation == Isolation::user_namespace)
    enter_user_namespace();
  if (unshare(CLONE_NEWNS) != 0)
    throw system_error(errno, "cannot create a mount namespace");
  make_mounts_private();
  if (std::error_code none; !fs::exists(tree, none))
    add_folder_to_view(tree, copy + ".root");
  bind_mount(copy, tree);
}

WorkArea::WorkArea(const Guardian &guardian, const std::string &tree, Isolation isolation) {
  folder_ = TempFolder("kpatch_make", temporary_folder(tree)).release();
  guardian.remove(folder_);
  if (isolation == Isolation::exchange) {
    trees_ = TempFolder(".kpatch_make", fs::path(tree).parent_path()).release();
    guardian.remove(trees_);
  } else {
    trees_ = folder_ + "/trees";
  }
  for (const std::string &folder : {store(), links(), trees_})
    fs::create_directories(folder);
}

void copy_tree(const std::string &from, const std::string &to) {
  Command copy;
  copy.argv = {"cp", "-a", "--reflink=auto", "--", from, to};
  copy.capture = true;
  copy.ends_with_us = true;
  Outcome outcome = run(copy);
  if (!outcome.ok())
    throw error("cannot copy {} to {}: {}", from, to, outcome.output);
}

} // namespace care::make
