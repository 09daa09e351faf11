/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A thread that is cancelled inside the function that the fix changes; its cleanup
 * handlers, and those of its callers, run. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

#define NOINLINE __attribute__((noinline))

static char seen[256];
static int ready[2];

static void note(void *what) {
  strcat(seen, " ");
  strcat(seen, what);
}

static NOINLINE void wait_here(const char *what) {
  pthread_cleanup_push(note, (void *)what);
  if (write(ready[1], "x", 1) == 1)
    for (;;)
      pause();
  pthread_cleanup_pop(0);
}

static NOINLINE void leave_here(const char *what) {
  pthread_cleanup_push(note, (void *)what);
  if (what[0] == 'l')
    pthread_exit(NULL);
  pthread_cleanup_pop(0);
}

static void *run(void *how) {
  pthread_cleanup_push(note, "outer");
  if (strcmp(how, "cancel") == 0)
    wait_here("wait");
  else
    leave_here("leave");
  pthread_cleanup_pop(0);
  return NULL;
}

void answer(const char *request, char *reply) {
  pthread_t thread;
  char c;
  strcpy(seen, request);
  if (pipe(ready) != 0 || pthread_create(&thread, NULL, run, (void *)request) != 0)
    return;
  if (strcmp(request, "cancel") == 0 && read(ready[0], &c, 1) == 1)
    pthread_cancel(thread);
  pthread_join(thread, NULL);
  close(ready[0]);
  close(ready[1]);
  strcpy(reply, seen);
}
