#include <stdio.h>
#include <string.h>

#include "case.h"

/* The quota was read wrong: a live value that a fix has to correct. */
static int quota = 7;

void answer(const char *request, char *reply) {
  if (!strncmp(request, "set ", 4))
    sscanf(request + 4, "%d", &quota);
  sprintf(reply, "quota %d", quota);
}
