/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Threads that come and go, thousands a second, each of them calling what is patched.
 *
 *   ask          what the fix changes
 *   count        ends the churn; "ok" when every thread has run to its end
 *   exit         ends */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fix.h"

enum { kMakers = 4 };
static atomic_int stop, begun, ended;

static void *visitor(void *unused) {
  answer();
  ended++;
  return unused;
}

static void *maker(void *unused) {
  while (!stop) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
      if (pthread_create(&threads[i], NULL, visitor, NULL) != 0)
        abort();
      begun++;
    }
    for (int i = 0; i < 4; i++)
      pthread_join(threads[i], NULL);
  }
  return unused;
}

int main(void) {
  char line[256];
  pthread_t makers[kMakers];
  for (int i = 0; i < kMakers; i++)
    pthread_create(&makers[i], NULL, maker, NULL);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    if (strcmp(line, "exit\n") == 0)
      return 0;
    if (strcmp(line, "ask\n") == 0) {
      puts(answer());
    } else {
      stop = 1;
      for (int i = 0; i < kMakers; i++)
        pthread_join(makers[i], NULL);
      puts(begun == ended && ended > 0 ? "ok" : "threads are missing");
    }
    fflush(stdout);
  }
  return 0;
}
