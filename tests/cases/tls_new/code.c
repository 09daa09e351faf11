#include <stdio.h>

#include "case.h"

static __thread int own;

__attribute__((noinline)) int tally(int n) {
  own += n;
  return own;
}

__attribute__((noinline)) int label(int n) { return n + 1; }

void answer(const char *request, char *reply) {
  sprintf(reply, "%d", request[0] == 't' ? tally(1) : label(1));
}
