/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Eight threads, each inside the function for 70 % of its time, at its own rhythm: a
 * moment at which none is comes once in some ten thousand looks. `check` answers which
 * code the threads have met since the last request. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

enum { THREADS = 8, SPINNING = 2 };

int inside(int spins, int us);

static atomic_ulong rounds[THREADS], met[2];

static void *run(void *number) {
  long n = (long)number;
  for (;;) {
    int unit = 100 + 7 * (int)n;
    met[inside(n < SPINNING, 7 * unit)]++;
    usleep(3 * (unsigned)unit);
    rounds[n]++;
  }
  return NULL;
}

int main(void) {
  char request[4096];
  pthread_t thread;
  for (long i = 0; i < THREADS; i++)
    pthread_create(&thread, NULL, run, (void *)i);
  while (fgets(request, sizeof request, stdin)) {
    unsigned long before[THREADS];
    for (int i = 0; i < THREADS; i++)
      before[i] = rounds[i];
    for (int i = 0; i < THREADS; i++)
      while (rounds[i] < before[i] + 2)
        usleep(1000);
    met[0] = met[1] = 0;
    for (int i = 0; i < THREADS; i++)
      before[i] = rounds[i];
    for (int i = 0; i < THREADS; i++)
      while (rounds[i] < before[i] + 2)
        usleep(1000);
    printf("old %d new %d\n", met[0] > 0, met[1] > 0);
    fflush(stdout);
  }
  return 0;
}
