/* SPDX-License-Identifier: GPL-2.0-or-later
 * tracer PID: holds the process as a debugger would, until it is told to exit. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>

int main(int argc, char **argv) {
  char line[256];
  if (argc < 2 || ptrace(PTRACE_SEIZE, atoi(argv[1]), 0, 0) != 0)
    return 1;
  puts("ready");
  fflush(stdout);
  return fgets(line, sizeof line, stdin) ? 0 : 1;
}
