/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A thread that stays in the function that the fix changes, with a frame whose size is
 * known at run time only: nobody gets past it without unwind tables. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

#define NOINLINE __attribute__((noinline))

static int ready[2], done[2];
static int last;

static NOINLINE void wait_here(int n) {
  char large[n * 16], c;
  memset(large, n, sizeof large);
  if (write(ready[1], "x", 1) == 1 && read(done[0], &c, 1) == 1)
    last = large[3];
}

static NOINLINE void the_caller(int n) {
  wait_here(n);
  last++;
}

static void *run(void *n) {
  the_caller(*(int *)n);
  return NULL;
}

void answer(const char *request, char *reply) {
  static pthread_t thread;
  static int n = 5;
  char c;
  if (strcmp(request, "start") == 0) {
    if (pipe(ready) != 0 || pipe(done) != 0 || pthread_create(&thread, NULL, run, &n) != 0 ||
        read(ready[0], &c, 1) != 1)
      return;
  } else if (write(done[1], "x", 1) == 1) {
    pthread_join(thread, NULL);
  }
  sprintf(reply, "%s %d", request, last);
}
