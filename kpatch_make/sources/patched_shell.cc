// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/patched_shell.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// As `diff -ru a b` writes it, whatever the folders are called.
std::string difference(const std::string &scratch, const std::string &before,
                       const std::string &after) {
  fs::create_directory_symlink(before, scratch + "/a");
  fs::create_directory_symlink(after, scratch + "/b");
  Command diff;
  diff.argv = {"diff", "-ruN", "--exclude=.pc", "a", "b"};
  diff.directory = scratch;
  diff.capture = true;
  return run(diff).output;
}

[[noreturn]] void become_shell(const ShellPlace &place, Isolation isolation) {
  try {
    std::string path = place.path;
    if (isolation == Isolation::exchange)
      path = place.copy; // it will be at its path when it is built
    else
      enter_view(isolation, place.copy, path);
    if (!place.folder.empty())
      path += "/" + place.folder;
    if (chdir(path.c_str()) != 0)
      throw system_error(errno, "cannot enter {}", path);
    setenv("PS1", "patched:\\w\\$ ", 1);
    exec_command({"bash", "--norc"});
  } catch (const std::exception &e) {
    print_err("kpatch_make: {}\n", as_error(e).message());
  }
  std::fflush(stderr);
  _exit(127);
}

} // namespace

std::string adapt_in_shell(const WorkArea &area, const ShellPlace &place, const std::string &bundle,
                           const char *option, const std::function<int()> &shell) {
  std::string scratch = area.folder() + "/shell", sources = place.copy;
  if (!place.folder.empty())
    sources += "/" + place.folder;
  fs::create_directory(scratch);
  copy_tree(sources, scratch + "/before");
  print_err("the patched tree; `exit` builds it, `exit 1` gives up\n");
  if (int status = shell(); status != 0)
    throw error("the shell ended with {}: given up", status);
  std::string changes = difference(scratch, scratch + "/before", sources);
  fs::remove_all(scratch);
  if (changes.empty())
    return {};
  std::string file = bundle + ".adapt.patch";
  write_file(file, changes, 0644);
  print_err("your changes are kept for {} the next time: {}\n", option, file);
  return file;
}

int shell_here(const ShellPlace &place, Isolation isolation) {
  std::fflush(nullptr);
  pid_t pid = fork();
  if (pid < 0)
    throw system_error(errno, "cannot start a shell");
  if (pid == 0)
    become_shell(place, isolation);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_status_of(status);
}

} // namespace care::make
