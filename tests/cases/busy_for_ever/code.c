#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "case.h"

static atomic_int inside, leave;

/* Stays until it is told to go: spinning on the clock, so that the thread is
 * often in the vDSO. */
__attribute__((noinline)) const char *stay(int wanted) {
  struct timespec now;
  if (wanted) {
    inside = 1;
    while (!leave)
      clock_gettime(CLOCK_MONOTONIC, &now);
    inside = 0;
  }
  return "before";
}

static void *guest(void *unused) {
  stay(1);
  return unused;
}

void answer(const char *request, char *reply) {
  pthread_t thread;
  if (strcmp(request, "enter") == 0) {
    leave = 0;
    pthread_create(&thread, NULL, guest, NULL);
    while (!inside) {
    }
  } else if (strcmp(request, "leave") == 0) {
    leave = 1;
    while (inside) {
    }
  }
  strcpy(reply, stay(0));
}
