/* The library: what its constructor got is an answer, too. */
#include <stdio.h>
#include <string.h>

#include "case.h"

static char early[100];

__attribute__((noinline)) EXPORT const char *state(void) {
  __asm__ volatile("");
  return "before";
}

__attribute__((constructor)) static void begin(void) { strcpy(early, state()); }

void answer(const char *request, char *reply) {
  (void)request;
  sprintf(reply, "constructor %s, library %s", early, state());
}
