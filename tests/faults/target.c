/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program in which everything can be checked that a dying doctor could spoil: threads
 * that compute, that keep values in vector registers, that sleep in the kernel in one
 * way each, signals with values, a profiling timer. An error is never forgiven: it is
 * counted and told with every answer. One request a line, one answer a line:
 *
 *   tick    wakes those that wait for somebody, and shows the counters
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

typedef unsigned long counter;

static counter computed, vectors, slept, polled, reads, woken, events, waited, timer;
static counter signals, signal_sum, errors, interrupted;
static char first_error[100] = "-";
static int pipe_ends[2], silent[2], epoll_fd, event_fd, word;

static void add(counter *c, counter n) {
  __atomic_fetch_add(c, n, __ATOMIC_RELAXED);
}
static counter get(counter *c) {
  return __atomic_load_n(c, __ATOMIC_RELAXED);
}

static void wrong(const char *what, long value) {
  if (__atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED) == 0)
    snprintf(first_error, sizeof first_error, "%s:%ld:errno-%d", what, value, errno);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Old, newer, newest: 1, 2 or 3. The rest of the result proves the arithmetic. */
static int version_of(int (*work)(int)) {
  int result = work(7);
  if (result % 1000 != 49 || result / 1000 < 1 || result / 1000 > 3)
    wrong("result", result);
  return result / 1000;
}

static void *compute(void *unused) {
  for (;;) {
    errno = 77;
    version_of(work_one);
    version_of(work_two);
    version_of(work_three);
    if (errno != 77)
      wrong("errno", errno);
    add(&computed, 1);
    for (volatile int spin = 0; spin < 200000; spin++) // or the doctor would wait for ever
      ;
  }
  return unused;
}

/* Values that live in vector registers for most of the time. */
static void *keep_vectors(void *unused) {
  for (;;) {
    unsigned long low = 0, high = 0, top = 0;
    if (__builtin_cpu_supports("avx"))
      __asm__ volatile("vmovq %3, %%xmm0; vmovq %3, %%xmm15\n\t"
                       "vinsertf128 $1, %%xmm15, %%ymm15, %%ymm15\n\t"
                       "mov $30000, %%ecx; 1: dec %%ecx; jnz 1b\n\t"
                       "vmovq %%xmm0, %0; vmovq %%xmm15, %1\n\t"
                       "vextractf128 $1, %%ymm15, %%xmm15; vmovq %%xmm15, %2; vzeroupper"
                       : "=&r"(low), "=&r"(high), "=&r"(top)
                       : "r"(0x1234567890ul)
                       : "rcx", "xmm0", "xmm15");
    if (__builtin_cpu_supports("avx") && (low & high & top) != 0x1234567890ul)
      wrong("vector", (long)(low & high & top));
    add(&vectors, 1);
  }
  return unused;
}

static void *sleep_on(void *unused) {
  for (;;) {
    struct timespec wanted = {0, 20000000};
    double begin = now();
    if (nanosleep(&wanted, NULL) != 0)
      wrong("nanosleep", -1);
    if (now() - begin < 0.02)
      wrong("slept-us", (long)((now() - begin) * 1e6));
    add(&slept, 1);
  }
  return unused;
}

static void *poll_on(void *unused) {
  for (;;) {
    struct pollfd p = {silent[0], POLLIN, 0};
    int n = poll(&p, 1, 20);
    if (n != 0)
      wrong("poll", n);
    add(&polled, 1);
  }
  return unused;
}

static void *read_on(void *unused) {
  char c;
  for (;;) {
    ssize_t n = read(pipe_ends[0], &c, 1);
    if (n != 1)
      wrong("read", n);
    add(&reads, 1);
  }
  return unused;
}

static void *wait_on(void *unused) {
  int seen = 0;
  for (;;) {
    long n = syscall(SYS_futex, &word, FUTEX_WAIT, seen, NULL, NULL, 0);
    if (n != 0 && errno != EAGAIN)
      wrong("futex", n);
    seen = __atomic_load_n(&word, __ATOMIC_ACQUIRE);
    add(&woken, 1);
  }
  return unused;
}

/* Returns EINTR after any stop by the kernel's own habit; a doctor that lives sets that
 * right, one that is killed the moment it has stopped the thread cannot. */
static void *epoll_on(void *unused) {
  for (;;) {
    struct epoll_event event;
    unsigned long value;
    int n = epoll_wait(epoll_fd, &event, 1, -1);
    if (n < 0 && errno == EINTR)
      add(&interrupted, 1);
    else if (n != 1 || read(event_fd, &value, sizeof value) != sizeof value)
      wrong("epoll", n);
    else
      add(&events, 1);
  }
  return unused;
}

static void *wait_for_signal(void *unused) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 2);
  for (;;) {
    siginfo_t info;
    int n = sigwaitinfo(&set, &info);
    if (n < 0 && errno == EINTR)
      add(&interrupted, 1);
    else if (n != SIGRTMIN + 2)
      wrong("sigwaitinfo", n);
    else
      add(&waited, 1);
  }
  return unused;
}

static void take_value(int sig, siginfo_t *info, void *context) {
  int saved = errno;
  (void)sig;
  (void)context;
  if (info->si_code != SI_QUEUE)
    wrong("si_code", info->si_code);
  add(&signals, 1);
  add(&signal_sum, (counter)info->si_value.sival_int);
  errno = saved;
}

static void take_tick(int sig) {
  (void)sig;
  add(&timer, 1);
}

/* With `mask` only the signals of the fault itself reach it. */
static void start(void *(*body)(void *), int mask) {
  pthread_t thread;
  sigset_t all, old;
  sigfillset(&all);
  sigemptyset(&old);
  sigaddset(&old, SIGRTMIN + 2);
  pthread_sigmask(SIG_SETMASK, mask ? &all : &old, NULL);
  if (pthread_create(&thread, NULL, body, NULL) != 0)
    exit(2);
  sigemptyset(&all);
  sigaddset(&all, SIGRTMIN + 2);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
}

static void set_up_signals(void) {
  struct sigaction value = {.sa_sigaction = take_value, .sa_flags = SA_SIGINFO | SA_RESTART};
  struct sigaction tick = {.sa_handler = take_tick, .sa_flags = SA_RESTART};
  struct itimerval every = {{0, 1000}, {0, 1000}};
  sigaction(SIGRTMIN + 1, &value, NULL);
  sigaction(SIGPROF, &tick, NULL);
  setitimer(ITIMER_PROF, &every, NULL);
}

static void tick(void) {
  unsigned long one = 1;
  if (write(pipe_ends[1], "x", 1) != 1 || write(event_fd, &one, sizeof one) != sizeof one)
    wrong("write", -1);
  __atomic_fetch_add(&word, 1, __ATOMIC_RELEASE);
  syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
  kill(getpid(), SIGRTMIN + 2);
}

static void answer(void) {
  printf("%d%d%d errors %lu %s interrupted %lu signals %lu %lu progress", version_of(work_one),
         version_of(work_two), version_of(work_three), get(&errors), first_error, get(&interrupted),
         get(&signals), get(&signal_sum));
  counter *all[] = {&computed, &vectors, &slept, &polled, &reads, &woken, &events, &waited, &timer};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
    printf(" %lu", get(all[i]));
  printf("\n");
  fflush(stdout);
}

int main(void) {
  struct epoll_event event = {.events = EPOLLIN};
  char line[100];
  epoll_fd = epoll_create1(0);
  event_fd = eventfd(0, 0);
  if (pipe(pipe_ends) != 0 || pipe(silent) != 0 ||
      epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event) != 0)
    return 2;
  set_up_signals();
  start(compute, 0);
  start(keep_vectors, 1);
  start(sleep_on, 1);
  start(poll_on, 1);
  start(read_on, 0);
  start(wait_on, 0);
  start(epoll_on, 1);
  start(wait_for_signal, 1);
  while (fgets(line, sizeof line, stdin)) {
    tick();
    answer();
  }
  return errors != 0;
}
