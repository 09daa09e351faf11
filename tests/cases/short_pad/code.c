#include <stdio.h>

#include "case.h"

/* Packed one behind the other; only `far_one` is aligned, and the padding before it
 * is within reach. */
#define SHORT __attribute__((noipa))
SHORT int before(void) { return 1; }
SHORT int level(void) { return 0; }
SHORT int after(void) { return 2; }
SHORT __attribute__((aligned(64))) int far_one(void) { return 3; }

void answer(const char *request, char *reply) {
  (void)request;
  int (*volatile pointer)(void) = level;
  sprintf(reply, "%d %d %d %d %d", before(), level(), pointer(), after(), far_one());
}
