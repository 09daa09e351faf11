/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The demo's clients: N threads, one kept-alive connection each, that ask for
 * more bytes than they send and look at every answer. A line on stdin makes it
 * print what happened since the last one; end of input ends it.
 *
 *     client PORT CONNECTIONS
 *     -> requests 18234 failed 0 leaked 18234 slowest_us 311
 *
 * failed: no connection, no answer, or an answer that does not begin with the
 * text that was sent. leaked: an answer with a secret in it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_ulong requests, failed, leaked, slowest;
static int port;

static long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* One request on `fd`; 0 when a whole answer with our text came back. */
static int ask(int fd) {
  static const char question[] = "GET /echo?len=256&text=hello HTTP/1.1\r\n\r\n";
  char reply[8192];
  size_t have = 0, length = 0, body = 0;

  if (send(fd, question, sizeof question - 1, MSG_NOSIGNAL) != sizeof question - 1)
    return -1;
  do {
    ssize_t n = recv(fd, reply + have, sizeof reply - 1 - have, 0);
    if (n <= 0)
      return -1;
    have += (size_t)n;
    reply[have] = '\0';
    char *end = memmem(reply, have, "\r\n\r\n", 4);
    if (end != NULL && sscanf(reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu", &length) == 1)
      body = (size_t)(end + 4 - reply);
  } while (body == 0 || have < body + length);
  if (memmem(reply + body, length, "secret-token", 12) != NULL)
    leaked++;
  return length >= 5 && memcmp(reply + body, "hello", 5) == 0 ? 0 : -1;
}

static void *hammer(void *unused) {
  (void)unused;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (;;) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    while (ok) {
      long start = now_us();
      ok = ask(fd) == 0;
      unsigned long took = (unsigned long)(now_us() - start), seen = slowest;
      while (took > seen && !atomic_compare_exchange_weak(&slowest, &seen, took)) {
      }
      requests++;
    }
    failed++;
    close(fd);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: client PORT CONNECTIONS\n");
    return 2;
  }
  port = atoi(argv[1]);
  for (int i = 0; i < atoi(argv[2]); i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, hammer, NULL) != 0) {
      perror("client: pthread_create");
      return 1;
    }
  }
  while (getchar() != EOF) {
    printf("requests %lu failed %lu leaked %lu slowest_us %lu\n", atomic_exchange(&requests, 0),
           atomic_exchange(&failed, 0), atomic_exchange(&leaked, 0), atomic_exchange(&slowest, 0));
    fflush(stdout);
  }
  return 0;
}
