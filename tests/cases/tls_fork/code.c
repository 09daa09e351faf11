#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

static __thread int own = 1;

__attribute__((noinline)) int tally(int n) {
  own += n;
  return own;
}

/* `fork`: from now on the child answers, until `exit`; then the parent again. */
void answer(const char *request, char *reply) {
  if (!strcmp(request, "fork")) {
    pid_t child = fork();
    if (child > 0) {
      int status = -1;
      while (waitpid(child, &status, 0) != child)
        ;
      sprintf(reply, "child ended with %d", status);
      return;
    }
    sprintf(reply, "%d", (int)getpid());
  } else if (!strcmp(request, "exit")) {
    _exit(0);
  } else {
    sprintf(reply, "%d", tally(1));
  }
}
