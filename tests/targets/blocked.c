/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * blocked WAY: the main thread waits in the kernel, in the way that the argument names
 * (blocked_plain.c, blocked_timed.c). Requests are served by another thread:
 *
 *   ask          what the fix changes
 *   wake         ends the wait; the answer is "ok", or what it returned
 *   wait         the same for a wait that ends by itself
 *   exit         ends the program
 *
 * `blocked` alone lists the ways. */
#include "blocked.h"

#include <signal.h>
#include <stdlib.h>

#include "fix.h"

int pipe_ends[2];
pthread_t waiter;
static char text[256];
static struct timespec start_time;

void require_zero(long result, const char *what) {
  if (result == 0)
    return;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

const char *describe(long result, long expected) {
  if (result == expected)
    return NULL;
  snprintf(text, sizeof text, "returned %ld instead of %ld (%s)", result, expected,
           strerror(errno));
  return text;
}

void began(void) {
  clock_gettime(CLOCK_MONOTONIC, &start_time);
}

const char *after_timeout(long result, int error) {
  struct timespec now;
  if (result != (error ? -1 : 0) || (error && errno != error))
    return describe(result, error ? -1 : 0) ?: strerror(errno);
  clock_gettime(CLOCK_MONOTONIC, &now);
  long passed =
      (now.tv_sec - start_time.tv_sec) * 1000 + (now.tv_nsec - start_time.tv_nsec) / 1000000;
  if (passed >= kTimeout - 5)
    return NULL;
  snprintf(text, sizeof text, "ended after %ld ms", passed);
  return text;
}

static const struct Way *find(const struct Way *ways, const char *name) {
  for (; ways->name; ways++)
    if (strcmp(ways->name, name) == 0)
      return ways;
  return NULL;
}

static void list(const struct Way *ways) {
  for (; ways->name; ways++)
    puts(ways->name);
}

static const struct Way *way;
static const char *problem;
static volatile int entered;
static pthread_mutex_t done = PTHREAD_MUTEX_INITIALIZER;

/* Until the main thread sleeps. */
static void await_sleep(void) {
  char path[64], state = '?';
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", getpid());
  while (state != 'S') {
    FILE *f = fopen(path, "r");
    if (entered && f && fscanf(f, "%*d %*s %c", &state) != 1)
      state = '?';
    if (f)
      fclose(f);
    usleep(1000);
  }
}

static void *serve(void *unused) {
  char line[256];
  await_sleep();
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "ask") == 0) {
      puts(answer());
    } else if (strcmp(line, "exit") == 0) {
      exit(0);
    } else {
      if (way->wake && strcmp(line, "wake") == 0) {
        await_sleep(); /* again: it may be on its way back from a stop */
        way->wake();
      }
      pthread_mutex_lock(&done); /* the main thread has it while it waits */
      puts(problem ?: "ok");
      pthread_mutex_unlock(&done);
    }
    fflush(stdout);
  }
  exit(0);
  return unused;
}

int main(int argc, char **argv) {
  pthread_t server;
  if (argc < 2) {
    list(strcmp(argv[0], "timed") == 0 ? kTimedWays : kPlainWays);
    return 0;
  }
  way = find(kPlainWays, argv[1]) ?: find(kTimedWays, argv[1]);
  require_zero(way == NULL, argv[1]);
  require_zero(pipe(pipe_ends), "pipe");
  waiter = pthread_self();
  if (way->prepare)
    way->prepare();
  pthread_mutex_lock(&done);
  /* Signals are the main thread's. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  require_zero(pthread_create(&server, NULL, serve, NULL), "pthread_create");
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  began();
  entered = 1;
  problem = way->wait();
  pthread_mutex_unlock(&done);
  pthread_join(server, NULL);
  return 0;
}
