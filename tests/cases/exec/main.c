/* Says what it found at its first own instruction, and what a program sees of how it was
 * started. `prog exit N` and `prog signal N` end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

__attribute__((noinline)) static const char *own(void) {
  __asm__ volatile("");
  return "before";
}

__attribute__((constructor)) static void first(void) {
  if (getenv("SHOW_FIRST"))
    printf("first %s\n", own());
}

int main(int argc, char **argv) {
  char reply[4096], line[100] = "";
  sigset_t blocked;
  if (argc > 2 && strcmp(argv[1], "exit") == 0)
    return atoi(argv[2]);
  if (argc > 2 && strcmp(argv[1], "signal") == 0)
    return kill(getpid(), atoi(argv[2]));
  if (argc > 1 && strcmp(argv[1], "terminal") == 0)
    printf("terminal %s, foreground %s\n", isatty(0) && isatty(2) ? "yes" : "no",
           tcgetpgrp(0) == getpgrp() ? "yes" : "no");
  answer("", reply);
  printf("%s, program %s\n", reply, own());
  if (!isatty(0) && fgets(line, sizeof line, stdin))
    printf("stdin %s", line);
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  printf("children %s, usr1 %s %s, pipe %s, argument %s, FOO %s\n",
         waitpid(-1, NULL, WNOHANG) < 0 ? "none" : "some",
         sigismember(&blocked, SIGUSR1) ? "blocked" : "open",
         signal(SIGUSR1, SIG_DFL) == SIG_IGN ? "ignored" : "default",
         signal(SIGPIPE, SIG_DFL) == SIG_IGN ? "ignored" : "default", argc > 1 ? argv[1] : "",
         getenv("FOO") ? getenv("FOO") : "unset");
  fflush(stdout);
  if (argc > 1 && strcmp(argv[1], "files") == 0)
    return execlp("ls", "ls", "/proc/self/fd", (char *)NULL);
  return 0;
}
