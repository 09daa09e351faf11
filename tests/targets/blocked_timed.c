/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Waits that end by themselves, after kTimeout and not before. */
#include "blocked.h"

#include <limits.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static const struct timespec kWait = {kTimeout / 1000, kTimeout % 1000 * 1000000};
static int fd;
static char byte;

static struct timespec from_now(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  at.tv_sec += kWait.tv_sec;
  at.tv_nsec += kWait.tv_nsec;
  if (at.tv_nsec >= 1000000000) {
    at.tv_sec++;
    at.tv_nsec -= 1000000000;
  }
  return at;
}

static const char *wait_nanosleep(void) {
  struct timespec left;
  return after_timeout(nanosleep(&kWait, &left), 0);
}
static const char *wait_until(void) {
  struct timespec at = from_now(CLOCK_MONOTONIC);
  return after_timeout(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL), 0);
}
static const char *wait_usleep(void) {
  return after_timeout(usleep(kTimeout * 1000), 0);
}
static const char *wait_poll(void) {
  struct pollfd p = {pipe_ends[0], POLLIN, 0};
  return after_timeout(poll(&p, 1, kTimeout), 0);
}
static const char *wait_ppoll(void) {
  struct pollfd p = {pipe_ends[0], POLLIN, 0};
  sigset_t set;
  sigemptyset(&set);
  return after_timeout(ppoll(&p, 1, &kWait, &set), 0);
}
static const char *wait_select(void) {
  struct timeval wanted = {kTimeout / 1000, kTimeout % 1000 * 1000};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(pipe_ends[0], &set);
  return after_timeout(select(pipe_ends[0] + 1, &set, NULL, NULL, &wanted), 0);
}
static const char *wait_pselect(void) {
  sigset_t set;
  sigemptyset(&set);
  return after_timeout(pselect(0, NULL, NULL, NULL, &kWait, &set), 0);
}

static void prepare_epoll(void) {
  struct epoll_event wanted = {.events = EPOLLIN};
  fd = epoll_create1(0);
  require_zero(epoll_ctl(fd, EPOLL_CTL_ADD, pipe_ends[0], &wanted), "epoll_ctl");
}
static const char *wait_epoll(void) {
  struct epoll_event event;
  return after_timeout(epoll_wait(fd, &event, 1, kTimeout), 0);
}

static int word;
static const char *wait_futex(void) {
  return after_timeout(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &kWait, NULL, 0), ETIMEDOUT);
}
static const char *wait_condition(void) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  struct timespec at = from_now(CLOCK_REALTIME);
  pthread_mutex_lock(&mutex);
  errno = pthread_cond_timedwait(&condition, &mutex, &at);
  return after_timeout(errno ? -1 : 0, ETIMEDOUT);
}

static const char *wait_sigtimedwait(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  return after_timeout(sigtimedwait(&set, NULL, &kWait), EAGAIN);
}

static int semaphores;
static void remove_semaphores(void) {
  semctl(semaphores, 0, IPC_RMID);
}
static void prepare_semtimedop(void) {
  semaphores = semget(IPC_PRIVATE, 1, 0600);
  require_zero(semaphores < 0, "semget");
  atexit(remove_semaphores);
}
static const char *wait_semtimedop(void) {
  struct sembuf take = {0, -1, 0};
  return after_timeout(syscall(SYS_semtimedop, semaphores, &take, 1, &kWait), EAGAIN);
}

static aio_context_t aio;
static void prepare_aio(void) {
  require_zero(syscall(SYS_io_setup, 1, &aio), "io_setup");
}
static const char *wait_aio(void) {
  struct io_event done;
  return after_timeout(syscall(SYS_io_getevents, aio, 1, 1, &done, &kWait), 0);
}

static void prepare_socket(void) {
  int pair[2];
  struct timeval wanted = {kTimeout / 1000, kTimeout % 1000 * 1000};
  require_zero(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
  fd = pair[0];
  require_zero(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wanted, sizeof wanted), "SO_RCVTIMEO");
}
static const char *wait_recv(void) {
  return after_timeout(recv(fd, &byte, 1, 0), EAGAIN);
}
static const char *wait_read_socket(void) {
  return after_timeout(read(fd, &byte, 1), EAGAIN);
}

static void prepare_timer(void) {
  struct itimerspec wanted = {.it_value = kWait};
  fd = timerfd_create(CLOCK_MONOTONIC, 0);
  require_zero(timerfd_settime(fd, 0, &wanted, NULL), "timerfd_settime");
}
static const char *wait_timer(void) {
  uint64_t count;
  return describe(read(fd, &count, 8), 8);
}

const struct Way kTimedWays[] = {
    {"nanosleep", NULL, wait_nanosleep, NULL},
    {"clock_nanosleep", NULL, wait_until, NULL},
    {"usleep", NULL, wait_usleep, NULL},
    {"poll_timed", NULL, wait_poll, NULL},
    {"ppoll_timed", NULL, wait_ppoll, NULL},
    {"select_timed", NULL, wait_select, NULL},
    {"pselect_timed", NULL, wait_pselect, NULL},
    {"epoll_timed", prepare_epoll, wait_epoll, NULL},
    {"futex_timed", NULL, wait_futex, NULL},
    {"cond_timedwait", NULL, wait_condition, NULL},
    {"sigtimedwait", NULL, wait_sigtimedwait, NULL},
    {"semtimedop", prepare_semtimedop, wait_semtimedop, NULL},
    {"io_getevents_timed", prepare_aio, wait_aio, NULL},
    {"recv_timed", prepare_socket, wait_recv, NULL},
    {"read_timed", prepare_socket, wait_read_socket, NULL},
    {"timerfd", prepare_timer, wait_timer, NULL},
    {NULL, NULL, NULL, NULL},
};
