#include <stdio.h>

#include "case.h"

/* Each of these is one to three bytes long (or that behind an endbr64), followed
 * by padding up to the next function. */
#define SHORT __attribute__((noipa))
SHORT int before(void) { return 1; }
SHORT void note(int *value) { (void)value; }
SHORT int level(void) { return 0; }
SHORT int after(void) { return 2; }

void answer(const char *request, char *reply) {
  int value = 5;
  (void)request;
  note(&value);
  int (*volatile pointer)(void) = level;
  sprintf(reply, "%d %d %d %d %d", before(), value, level(), pointer(), after());
}
