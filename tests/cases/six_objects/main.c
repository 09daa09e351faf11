#include <stdio.h>
#include <string.h>

#include "case.h"

void one(char *), two(char *), three(char *), four(char *), five(char *);

__attribute__((noinline)) static void six(char *reply) { strcat(reply, "before"); }

int main(void) {
  char request[4096], reply[4096];
  while (fgets(request, sizeof request, stdin)) {
    reply[0] = '\0';
    one(reply);
    two(reply);
    three(reply);
    four(reply);
    five(reply);
    six(reply);
    puts(reply);
    fflush(stdout);
  }
  return 0;
}
