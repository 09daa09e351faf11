/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A function to profile, and to crash in. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "case.h"

#define NOINLINE __attribute__((noinline))

static volatile unsigned sum;

static NOINLINE int work(const char *what) {
  int answer = 1;
  for (unsigned i = 0; i < 1000000; i++)
    sum = sum * 3 + i;
  if (strcmp(what, "die") == 0)
    raise(SIGABRT);
  return answer;
}

void answer(const char *request, char *reply) {
  int result = work(request);
  clock_t end = clock() + CLOCKS_PER_SEC / 2;
  while (strcmp(request, "spin") == 0 && clock() < end)
    result = work(request);
  sprintf(reply, "%s %d", request, result);
}
