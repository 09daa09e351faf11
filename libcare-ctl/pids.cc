// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which processes are meant. `all` is a heavy word: it never means the programs
// that this one runs under, nor pid 1, on which everything depends.
#include <charconv>
#include <cstdlib>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "lib/process/process.h"
#include "libcare-ctl/command.h"

namespace care::ctl {

namespace {

// The initial PID namespace's inode number (PROC_PID_INIT_INO, linux/proc_ns.h).
constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;

// Test runs must not patch the machine that they run on.
void refuse_all_in_tests() {
  struct stat st {};
  if (getenv("LIBCARE_TESTING") && stat("/proc/self/ns/pid", &st) == 0 &&
      st.st_ino == kInitialPidNamespace)
    throw error(ExitCode::usage, "-p all is refused here: LIBCARE_TESTING is set and this is the "
                                 "machine's own PID namespace")
        .with_hint("use unshare --pid --fork --mount-proc");
}

std::set<pid_t> self_and_ancestors() {
  std::set<pid_t> pids;
  for (pid_t pid = getpid(); pid > 0 && pids.insert(pid).second;)
    pid = read_status(pid).ppid;
  return pids;
}

std::vector<pid_t> all_processes() {
  refuse_all_in_tests();
  std::set<pid_t> spared = self_and_ancestors();
  spared.insert(1);
  std::vector<pid_t> pids;
  for (pid_t pid : list_processes()) {
    try {
      if (!spared.contains(pid) && !read_status(pid).kernel_thread && process_alive(pid))
        pids.push_back(pid);
    } catch (const Error &) {
      // It exited while we looked.
    }
  }
  return pids;
}

} // namespace

PidSelection select_pids(const std::string &text) {
  if (text == "all")
    return {all_processes(), true};
  PidSelection selection;
  std::string_view rest = text;
  while (true) {
    size_t comma = rest.find(',');
    std::string_view word = rest.substr(0, comma);
    pid_t pid = 0;
    auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), pid);
    if (ec != std::errc() || end != word.data() + word.size() || pid <= 0)
      throw error(ExitCode::usage,
                  "-p: '{}' is no process id (expected a number, several with "
                  "commas between, or 'all')",
                  word);
    selection.pids.push_back(pid);
    if (comma == std::string_view::npos)
      return selection;
    rest.remove_prefix(comma + 1);
  }
}

} // namespace care::ctl
