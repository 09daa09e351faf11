#include <stdio.h>
#include <string.h>

#include "case.h"

static __attribute__((noinline)) void own(char *reply) { strcat(reply, ", program before"); }

int main(void) {
  char request[4096], reply[8192];
  while (fgets(request, sizeof request, stdin)) {
    request[strcspn(request, "\n")] = '\0';
    answer(request, reply);
    own(reply);
    puts(reply);
    fflush(stdout);
  }
  return 0;
}
