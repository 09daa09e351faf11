/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>
#include <unistd.h>

#include "case.h"

EXPORT int inside(int spins, int us);

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

__attribute__((noinline)) int inside(int spins, int us) {
  long end = now() + us;
  if (!spins)
    usleep((unsigned)us);
  while (spins && now() < end) {
  }
  return 0;
}
