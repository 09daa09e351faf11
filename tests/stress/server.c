/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A thread for each connection, made when it comes and gone with it, and a profiling
 * signal all the time. Prints its port; end of input ends it. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "work.h"

static volatile sig_atomic_t ticks;

static void on_tick(int signal) {
  (void)signal;
  ticks++;
}

static int read_all(int fd, void *buffer, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t n = read(fd, (char *)buffer + done, size - done);
    if (n <= 0)
      return 0;
    done += (size_t)n;
  }
  return 1;
}

static void *serve(void *argument) {
  int fd = (int)(intptr_t)argument;
  struct request request;
  while (read_all(fd, &request, sizeof request) && request.size <= MOST) {
    uint8_t *bytes = malloc(request.size + 1);
    struct reply reply;
    if (!read_all(fd, bytes, request.size))
      break;
    answer(&request, bytes, &reply);
    free(bytes);
    if (write(fd, &reply, sizeof reply) != sizeof reply)
      break;
  }
  close(fd);
  return NULL;
}

static void *accept_all(void *argument) {
  int listener = (int)(intptr_t)argument;
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd < 0 || pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) != 0) {
      perror("server"); /* an accept that was interrupted is a failure, too */
      exit(1);
    }
    pthread_detach(thread);
  }
}

int main(void) {
  struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  struct itimerval every = {{0, 4000}, {0, 4000}};
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  signal(SIGPIPE, SIG_IGN);
  if (sigaction(SIGPROF, &tick, NULL) != 0 || setitimer(ITIMER_PROF, &every, NULL) != 0 ||
      bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 128) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("server");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  pthread_t thread;
  if (pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener) != 0)
    return 1;
  while (getchar() != EOF)
    ;
  return 0;
}
