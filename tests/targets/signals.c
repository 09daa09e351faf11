/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Many signals of every kind: SIGPROF at 1 kHz of processor time, a SIGCHLD for each
 * child, and real-time signals with a value each, which have to arrive once, in order,
 * and with all that siginfo says.
 *
 *   ask          what the fix changes
 *   count        ends them; "ok", or what got lost
 *   exit         ends */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fix.h"

static atomic_int stop, sent, received, wrong, ticks, children, reaped;

static void on_profile(int number) {
  (void)number;
  ticks++;
}

static void on_queued(int number, siginfo_t *info, void *context) {
  (void)context;
  if (number != SIGRTMIN + 1 || info->si_signo != number || info->si_code != SI_QUEUE ||
      info->si_pid != getpid() || info->si_uid != getuid() || info->si_value.sival_int != received)
    wrong++;
  received++;
}

static void on_child(int number) {
  int kept = errno;
  (void)number;
  while (waitpid(-1, NULL, WNOHANG) > 0)
    reaped++;
  errno = kept;
}

static void *queue(void *unused) {
  while (!stop) {
    union sigval value = {.sival_int = sent};
    if (sigqueue(getpid(), SIGRTMIN + 1, value) == 0)
      sent++;
    if (sent % 64 == 0)
      usleep(100);
  }
  return unused;
}

static void *make_children(void *unused) {
  while (!stop) {
    pid_t child = fork();
    if (child == 0)
      _exit(0);
    children += child > 0;
    usleep(500);
  }
  return unused;
}

static void handle(int number, void (*plain)(int), void (*full)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  if (full) {
    action.sa_sigaction = full;
    action.sa_flags |= SA_SIGINFO;
  } else {
    action.sa_handler = plain;
  }
  sigaction(number, &action, NULL);
}

static const char *count(pthread_t *threads) {
  static char text[128];
  struct itimerval off = {{0, 0}, {0, 0}};
  stop = 1;
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  setitimer(ITIMER_PROF, &off, NULL);
  /* All that was sent is delivered at the latest now. */
  for (int i = 0; i < 10000 && (received < sent || reaped < children); i++)
    usleep(1000);
  snprintf(text, sizeof text, "%d of %d, %d wrong, %d of %d children", received, sent, wrong,
           reaped, children);
  int fine = received == sent && wrong == 0 && reaped == children && ticks > 0 && sent > 0;
  return fine ? "ok" : text;
}

int main(void) {
  char line[256];
  pthread_t threads[2];
  sigset_t all, before;
  struct itimerval often = {{0, 1000}, {0, 1000}};
  handle(SIGPROF, on_profile, NULL);
  handle(SIGRTMIN + 1, NULL, on_queued);
  handle(SIGCHLD, on_child, NULL);
  /* The main thread takes them all. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_create(&threads[0], NULL, queue, NULL);
  pthread_create(&threads[1], NULL, make_children, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  setitimer(ITIMER_PROF, &often, NULL);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    if (strcmp(line, "exit\n") == 0)
      return 0;
    puts(strcmp(line, "ask\n") == 0 ? answer() : count(threads));
    fflush(stdout);
  }
  return 0;
}
