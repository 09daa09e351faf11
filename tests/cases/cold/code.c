#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

extern void complain(char *reply, const char *what) __attribute__((cold, noinline));
void complain(char *reply, const char *what) { sprintf(reply, "bad %s", what); }

/* What follows a call of a cold function is split off into answer.cold. */
void answer(const char *request, char *reply) {
  size_t length = strlen(request);
  if (__builtin_expect(length > 8, 0)) {
    complain(reply, "length");
    if (request[0] == 'X')
      abort();
    strcat(reply, " in the cold part");
    complain(reply + strlen(reply), request);
    return;
  }
  sprintf(reply, "good %zu", length);
}
