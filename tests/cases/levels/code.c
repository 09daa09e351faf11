#include <string.h>

#include "case.h"

static __attribute__((noinline)) void first(char *reply) { strcat(reply, "before "); }
static __attribute__((noinline)) void second(char *reply) { strcat(reply, "before"); }

void answer(const char *request, char *reply) {
  reply[0] = '\0';
  first(reply);
  second(reply);
  (void)request;
}
