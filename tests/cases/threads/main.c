/* SPDX-License-Identifier: GPL-2.0-or-later
 * Twenty threads that call the code without a pause, and others that come and
 * go. `check` answers what the threads have seen since the last request: each
 * must have gone round, and none may have got an answer that is neither the old
 * code's nor the new one's. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

enum { THREADS = 20 };

/* One more: who sends the others off, each round one of them from its start to its end. */
static atomic_ulong rounds[THREADS + 1], wrong, old_answers, new_answers;

static void look(void) {
  char reply[4096];
  answer("t", reply);
  if (strcmp(reply, "t 2") == 0)
    old_answers++;
  else if (strcmp(reply, "t 101") == 0)
    new_answers++;
  else
    wrong++;
}

static void *worker(void *number) {
  for (;;) {
    look();
    rounds[(long)number]++;
  }
  return NULL;
}

static void *passer_by(void *unused) {
  look();
  return unused;
}

static void *starter(void *unused) {
  for (;;) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, passer_by, NULL) == 0)
      pthread_join(thread, NULL);
    rounds[THREADS]++;
  }
  return unused;
}

int main(void) {
  char request[4096];
  pthread_t thread;
  for (long i = 0; i < THREADS; i++)
    pthread_create(&thread, NULL, worker, (void *)i);
  pthread_create(&thread, NULL, starter, NULL);
  while (fgets(request, sizeof request, stdin)) {
    unsigned long before[THREADS + 1];
    for (int i = 0; i <= THREADS; i++)
      before[i] = rounds[i];
    for (int i = 0; i <= THREADS; i++)
      while (rounds[i] < before[i] + 2)
        usleep(100);
    old_answers = new_answers = 0;
    for (int i = 0; i <= THREADS; i++)
      before[i] = rounds[i];
    for (int i = 0; i <= THREADS; i++)
      while (rounds[i] < before[i] + 2)
        usleep(100);
    printf("old %d new %d wrong %lu\n", old_answers > 0, new_answers > 0, wrong);
    fflush(stdout);
  }
  return 0;
}
