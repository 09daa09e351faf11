/* SPDX-License-Identifier: GPL-2.0-or-later
 * A little of everything that compiler flags treat differently. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

int requests;
static long total;
static double weights[4] = {0.5, 1.5, 2.5, 3.5};

__attribute__((noinline)) static double weigh(const char *text, int limit) {
  static int calls;
  double sum = calls++ > 1000 ? 1 : 0;
  for (int i = 0; i < limit && text[i]; i++)
    sum += weights[text[i] & 3] * 2;
  return sum;
}

__attribute__((noinline)) static int kind(int c) {
  switch (c) {
  case 'a': return total != 0;
  case 'b': return requests;
  case 'c': return errno == ERANGE ? 7 : 8;
  case 'd': return 43;
  case 'e': return (int)strlen(getenv("PATH"));
  case 'f': return 6;
  default: return -1;
  }
}

static int compare(const void *a, const void *b) { return *(const char *)a - *(const char *)b; }

__attribute__((cold, noinline)) static void complain(const char *text) {
  fprintf(stderr, "cannot use '%s'\n", text);
  if (total > 1000000)
    abort();
}

void answer(const char *request, char *reply) {
  char buffer[16];
  size_t length = strlen(request);
  if (length > 8) {
    complain(request);
    length = 8;
  }
  memcpy(buffer, request, length);
  buffer[length] = 0;
  qsort(buffer, length, 1, compare);
  requests++;
  total += kind(buffer[0]) + (long)weigh(buffer, 8);
  snprintf(reply, 4096, "%s %d %.1f %d", buffer, kind('d'), weigh(request, 8), total > 0);
}
