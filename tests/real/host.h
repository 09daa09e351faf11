// SPDX-License-Identifier: GPL-2.0-or-later
//
// A long-lived program that uses a library: what the hosts of fixes in libraries share.
// C, and C++ as well.
//
//     host PORT
//
// It answers lines on the loopback port, each connection in a thread of its own:
//
//     work   does what the library is for, once, and checks it: `ok`, or what was wrong
//     fault  tries what the fix is about: `vulnerable`, `fixed`, or what else it saw
//
// A host defines work() and fault(), which may be called by many threads at a time, and
// prepare(), which is called once before. Answers are static strings without line ends.
#ifndef LIBCARE_TESTS_HOST_H
#define LIBCARE_TESTS_HOST_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void prepare(void);
static const char *work(void);
static const char *fault(void);

// A thread's first calls set up what it needs; the stack is for libraries that recurse.
#define HOST_STACK (64 << 20)

static int host_listen(int type, int port) { // a socket on the loopback, or the end
  int fd = socket(AF_INET, type, 0), on = 1;
  struct sockaddr_in here;
  memset(&here, 0, sizeof here);
  here.sin_family = AF_INET;
  here.sin_port = htons((uint16_t)port);
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 ||
      (type == SOCK_STREAM && listen(fd, 64) != 0)) {
    perror("host: listen");
    exit(1);
  }
  return fd;
}

__attribute__((unused)) static int host_port(int fd) { // which port was chosen for port 0
  struct sockaddr_in here;
  socklen_t size = sizeof here;
  getsockname(fd, (struct sockaddr *)&here, &size);
  return ntohs(here.sin_port);
}

static void *host_thread(void *argument) {
  int fd = (int)(intptr_t)argument;
  FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
  char line[64];
  while (in && out && fgets(line, sizeof line, in)) {
    const char *answer = strcmp(line, "work\n") == 0    ? work()
                         : strcmp(line, "fault\n") == 0 ? fault()
                                                        : "what?";
    if (fprintf(out, "%s\n", answer) < 0 || fflush(out) != 0)
      break;
  }
  if (in)
    fclose(in);
  if (out)
    fclose(out);
  return 0;
}

static void host_start_thread(void *(*run)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, HOST_STACK);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (pthread_create(&thread, &attributes, run, argument) != 0) {
    perror("host: thread");
    exit(1);
  }
  pthread_attr_destroy(&attributes);
}

int main(int argc, char **argv) {
  int fd;
  if (argc != 2)
    return 2;
  signal(SIGPIPE, SIG_IGN);
  fd = host_listen(SOCK_STREAM, atoi(argv[1]));
  prepare();
  for (;;) {
    int connection = accept(fd, 0, 0);
    if (connection >= 0)
      host_start_thread(host_thread, (void *)(intptr_t)connection);
  }
}

#endif
