#include <string.h>

#include "case.h"

static __attribute__((noipa)) void first(char *reply) { strcat(reply, "before "); }
static __attribute__((noipa)) void second(char *reply) { strcat(reply, "before "); }

__attribute__((noipa)) static void third(char *reply) {
  first(reply);
  strcat(reply, "before");
}

void answer(const char *request, char *reply) {
  reply[0] = '\0';
  first(reply);
  second(reply);
  third(reply);
  (void)request;
}
