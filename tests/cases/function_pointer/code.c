#include <stdio.h>

#include "case.h"

typedef int (*operation)(int);

static operation chosen;

__attribute__((noinline)) int twice(int n) { return 2 * n + (chosen == NULL); }
static __attribute__((noinline)) int thrice(int n) { return 3 * n + (chosen == NULL); }

/* Remembers a pointer before the patch and compares it after: it must be the
 * same function for the old code and the new. */
void answer(const char *request, char *reply) {
  int choice = request[0] == 't' ? 2 : 3;
  if (chosen == NULL)
    chosen = request[0] == 't' ? twice : thrice;
  sprintf(reply, "old %d same %d is twice %d", chosen(choice),
          chosen == (request[0] == 't' ? twice : thrice), chosen == twice);
}
