// SPDX-License-Identifier: GPL-2.0-or-later
//
// ptrace_stop PID: stops all threads of a process and lets them go, with nothing
// between, and prints how long it stood still, in microseconds. The floor below
// which no tool that stops threads by ptrace can get.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: ptrace_stop PID\n");
    return 2;
  }
  std::vector<pid_t> threads;
  for (const auto &entry :
       std::filesystem::directory_iterator(std::string("/proc/") + argv[1] + "/task"))
    threads.push_back(atoi(entry.path().filename().c_str()));
  for (pid_t tid : threads) {
    if (ptrace(PTRACE_SEIZE, tid, 0, 0) != 0) {
      perror("ptrace_stop: PTRACE_SEIZE");
      return 1;
    }
  }
  auto begin = std::chrono::steady_clock::now();
  for (pid_t tid : threads)
    ptrace(PTRACE_INTERRUPT, tid, 0, 0);
  for (pid_t tid : threads) {
    int status = 0;
    while (waitpid(tid, &status, __WALL) < 0 && errno == EINTR) {
    }
  }
  for (pid_t tid : threads)
    ptrace(PTRACE_DETACH, tid, 0, 0);
  auto end = std::chrono::steady_clock::now();
  printf("%.1f\n", std::chrono::duration<double, std::micro>(end - begin).count());
  return 0;
}
