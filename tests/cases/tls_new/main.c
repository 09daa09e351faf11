/* SPDX-License-Identifier: GPL-2.0-or-later
 * Asks the code in the main thread, in two threads that live on, and in one that
 * is started for the request; the answers, separated by commas, are the reply.
 * With DLOPEN the code is in a library that is opened after the threads began. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "case.h"

enum { THREADS = 2 };

static void (*ask)(const char *request, char *reply);
static char request[4096], replies[THREADS + 2][4096];
static pthread_barrier_t begin, end;

static void *worker(void *number) {
  for (;;) {
    pthread_barrier_wait(&begin);
    ask(request, replies[(long)number]);
    pthread_barrier_wait(&end);
  }
  return NULL;
}

static void *newcomer(void *number) {
  ask(request, replies[(long)number]);
  return NULL;
}

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&begin, NULL, THREADS + 1);
  pthread_barrier_init(&end, NULL, THREADS + 1);
  for (long i = 1; i <= THREADS; i++)
    pthread_create(&thread, NULL, worker, (void *)i);
#ifdef DLOPEN
  void *library = dlopen("./libcode.so", RTLD_NOW);
  ask = library ? (void (*)(const char *, char *))dlsym(library, "answer") : NULL;
  if (!ask)
    return fprintf(stderr, "%s\n", dlerror()), 1;
#else
  ask = answer;
#endif
  while (fgets(request, sizeof request, stdin)) {
    request[strcspn(request, "\n")] = '\0';
    ask(request, replies[0]);
    pthread_barrier_wait(&begin);
    pthread_barrier_wait(&end);
    pthread_create(&thread, NULL, newcomer, (void *)(THREADS + 1L));
    pthread_join(thread, NULL);
    printf("%s,%s,%s,%s\n", replies[0], replies[1], replies[2], replies[3]);
    fflush(stdout);
  }
  return 0;
}
