#include <stdio.h>

#include "case.h"

/* Two static locals of one name: the compiler numbers them, and a fix that adds
 * a third changes the numbers. */
static __attribute__((noinline)) int up(void) {
  static int counter = 100;
  return ++counter;
}

static __attribute__((noinline)) int down(void) {
  static int counter = 100;
  return --counter;
}

void answer(const char *request, char *reply) {
  if (request[0] == 'u')
    sprintf(reply, "up %d", up());
  else
    sprintf(reply, "down %d", down());
}
