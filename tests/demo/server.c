/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The demo's service: a small multi-threaded HTTP server with a bug of the
 * Heartbleed kind. GET /echo?len=N&text=WORD answers with N bytes of a buffer
 * that holds WORD; nobody asks whether WORD is that long. What stands behind it
 * in memory, here the session's secret token, goes out with it.
 *
 *     server PORT [THREADS]      PORT 0 picks one; the first line printed names it
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session.h"

enum { REPLY_SIZE = 4096 };

static int listener;
static unsigned long served;

static void open_session(struct session *s) {
  memset(s, 0, sizeof *s);
  for (size_t i = 0; i + 32 < SECRET_SIZE; i += 32)
    memcpy(s->secret + i, "secret-token=7f3a9c;user=alice; ", 32);
}

static int answer(int fd, struct session *s, const char *request) {
  char text[TEXT_SIZE] = "", body[REPLY_SIZE], head[128];
  unsigned length = 0;
  const char *status = "200 OK";
  size_t body_length = 0;

  if (sscanf(request, "GET /echo?len=%u&text=%63[^ &]", &length, text) == 2)
    body_length = echo(s, text, length, body);
  else if (strncmp(request, "GET /served ", 12) == 0)
    body_length = (size_t)snprintf(body, sizeof body, "%lu",
                                   __atomic_load_n(&served, __ATOMIC_RELAXED));
  else
    status = "404 Not Found";
  __atomic_add_fetch(&served, 1, __ATOMIC_RELAXED);

  int n = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status,
                   body_length);
  char out[sizeof head + sizeof body];
  memcpy(out, head, (size_t)n);
  memcpy(out + n, body, body_length);
  size_t total = (size_t)n + body_length;
  return send(fd, out, total, MSG_NOSIGNAL) == (ssize_t)total ? 0 : -1;
}

/* One connection after the other, requests on it one after the other. */
static void *worker(void *unused) {
  (void)unused;
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
      continue;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct session *s = malloc(sizeof *s);
    open_session(s);
    char request[1024];
    size_t used = 0;
    ssize_t n;
    while ((n = recv(fd, request + used, sizeof request - 1 - used, 0)) > 0) {
      used += (size_t)n;
      request[used] = '\0';
      char *end;
      while ((end = strstr(request, "\r\n\r\n")) != NULL) {
        if (answer(fd, s, request) != 0)
          break;
        used -= (size_t)(end + 4 - request);
        memmove(request, end + 4, used + 1);
      }
      if (used == sizeof request - 1)
        break;
    }
    close(fd);
    free(s);
  }
  return NULL;
}

int main(int argc, char **argv) {
  int port = argc > 1 ? atoi(argv[1]) : 0, threads = argc > 2 ? atoi(argv[2]) : 8;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int one = 1;

  listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 128) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("server");
    return 1;
  }
  for (int i = 1; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, NULL) != 0) {
      perror("server: pthread_create");
      return 1;
    }
  }
  printf("listening on 127.0.0.1:%d with %d threads\n", ntohs(address.sin_port), threads);
  fflush(stdout);
  worker(NULL);
}
