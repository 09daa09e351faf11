#include <stdio.h>

#include "case.h"

/* Packed one behind the other, with no padding far and wide. */
#define SHORT __attribute__((noipa))
#define TEN(n) \
  SHORT int f##n##0(void) { return n; } SHORT int f##n##1(void) { return n; } \
  SHORT int f##n##2(void) { return n; } SHORT int f##n##3(void) { return n; } \
  SHORT int f##n##4(void) { return n; } SHORT int f##n##5(void) { return n; } \
  SHORT int f##n##6(void) { return n; } SHORT int f##n##7(void) { return n; } \
  SHORT int f##n##8(void) { return n; } SHORT int f##n##9(void) { return n; }
TEN(1) TEN(2) TEN(3) TEN(4)
SHORT int before(void) { return 1; }
SHORT int level(void) { return 0; }
SHORT int after(void) { return 2; }
SHORT int far_one(void) { return 3; }
TEN(5) TEN(6) TEN(7) TEN(8)

void answer(const char *request, char *reply) {
  (void)request;
  int (*volatile pointer)(void) = level;
  sprintf(reply, "%d %d %d %d %d", before(), level(), pointer(), after(), far_one());
}
