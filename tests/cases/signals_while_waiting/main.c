/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A thread inside the function gets queued real-time signals by thousands, in bursts,
 * each with a number of its own. `check` waits for all that were sent and answers
 * what became of them; `leave` sends the thread out. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

int inside(int fd);

static pthread_t receiver, sender;
static atomic_ulong sent, received, wrong;
static atomic_int pause_sending, idle;
static int out[2];

static void handler(int signal, siginfo_t *info, void *context) {
  (void)context;
  /* In the order in which they were queued, with what the sender wrote. */
  if (signal != SIGRTMIN + 1 || info->si_code != SI_QUEUE || info->si_pid != getpid() ||
      (unsigned long)info->si_value.sival_int != received + 1)
    wrong++;
  received++;
}

static void *receive(void *unused) {
  int left = inside(out[0]);
  for (;;)
    pause();
  return (void *)(long)left;
}

static void *send(void *unused) {
  for (;;) {
    while (pause_sending || sent - received > 100) {
      idle = pause_sending;
      usleep(100);
    }
    idle = 0;
    union sigval value = {.sival_int = (int)sent + 1};
    if (pthread_sigqueue(receiver, SIGRTMIN + 1, value) == 0)
      sent++;
    else
      usleep(100); /* the queue is full */
    if (sent % 20 == 0)
      usleep(500);
  }
  return unused;
}

int main(void) {
  char request[4096], reply[4096];
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGRTMIN + 1, &action, NULL);
  if (pipe(out) != 0)
    return 1;
  pthread_create(&receiver, NULL, receive, NULL);
  pthread_create(&sender, NULL, send, NULL);
  while (fgets(request, sizeof request, stdin)) {
    if (strncmp(request, "leave", 5) == 0 && write(out[1], "x", 1) != 1)
      return 1;
    answer(request, reply);
    if (strncmp(request, "check", 5) == 0) {
      unsigned long before = received;
      while (received < before + 300)
        usleep(100);
      pause_sending = 1;
      while (!idle || received < sent)
        usleep(100);
      usleep(10000); /* for one too many */
      sprintf(reply, "wrong %lu, %s", wrong, received == sent ? "all received" : "too many");
      idle = 0;
      pause_sending = 0;
    }
    puts(reply);
    fflush(stdout);
  }
  return 0;
}
