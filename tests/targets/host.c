/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program that calls what is patched when it is asked to: one request a line, one
 * answer a line. Its arguments put it under restrictions first (confine.c).
 *
 *   ask          what the fix changes
 *   exec         executes itself again, without arguments
 *   exit         ends at once */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "fix.h"

int main(int argc, char **argv) {
  char line[256];
  static char in[4096], out[4096];
  setvbuf(stdin, in, _IOFBF, sizeof in); /* or it asks the kernel, which may be forbidden */
  setvbuf(stdout, out, _IOFBF, sizeof out);
  for (int i = 1; i < argc; i++)
    confine(argv[i]);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "exit") == 0)
      _exit(0);
    if (strcmp(line, "exec") == 0)
      execl("/proc/self/exe", "again", (char *)0);
    puts(strcmp(line, "ask") == 0 ? answer() : "?");
    fflush(stdout);
  }
  _exit(0);
}
