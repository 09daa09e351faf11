/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A target for measuring: `threads N` starts N threads in all, prints "ready"
 * and waits for the end of its input. The main thread answers each line with
 * what step() returns, so that one sees which code runs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "step.h"

static void *sleeper(void *unused) {
  for (;;)
    pause();
  return unused;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  for (int i = 1; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, sleeper, NULL) != 0) {
      perror("pthread_create");
      return 1;
    }
  }
  puts("ready");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    printf("%d\n", step(1));
    fflush(stdout);
  }
  return 0;
}
