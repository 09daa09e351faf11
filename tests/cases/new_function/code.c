#include <stdio.h>

#include "case.h"

int limit = 10;

void answer(const char *request, char *reply) {
  int n = 0;
  sscanf(request, "%d", &n);
  sprintf(reply, "%d of %d", n, limit);
}
