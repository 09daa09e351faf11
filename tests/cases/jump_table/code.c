#include <stdio.h>
#include <stdlib.h>

#include "case.h"

void answer(const char *request, char *reply) {
  int n = atoi(request);
  switch (n) {
  case 0: sprintf(reply, "zero"); break;
  case 1: sprintf(reply, "one %d", n * 3); break;
  case 2: sprintf(reply, "two %p", (void *)0); break;
  case 3: reply[0] = '3', reply[1] = '\0'; break;
  case 4: sprintf(reply, "four %x", n + 40); break;
  case 5: sprintf(reply, "five %s", request + 1); break;
  case 6: sprintf(reply, "six %d %d", n, n); break;
  default: sprintf(reply, "many"); break;
  }
}
