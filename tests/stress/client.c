/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * client PORT THREADS: every thread asks and checks, over a connection that it keeps for
 * a while and then makes anew. End of input ends it: it prints what it got from which
 * level. Any wrong answer, refused or broken connection is a failure at once. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "work.h"

static struct sockaddr_in server = {.sin_family = AF_INET};
static atomic_int over;
static atomic_ulong answers[LEVELS], connections, highest;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t expected(const uint8_t *bytes, uint32_t size, uint32_t level) {
  static const uint64_t factor[LEVELS] = {1099511628211u, 6364136223846793005u, 2862933555777941757u};
  uint64_t h = 1469598103934665603u;
  if (size != 0 && bytes[0] == 0)
    return 1000 * (level + 1) + size;
  for (uint32_t i = 0; i < size; i++)
    h = (h ^ bytes[i]) * factor[level];
  return h;
}

static int connect_server(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
    fail("connect");
  connections++;
  return fd;
}

static void ask(int fd, unsigned *seed) {
  struct {
    struct request request;
    uint8_t bytes[MOST];
  } message;
  struct reply reply;
  message.request.sequence = (uint32_t)rand_r(seed);
  message.request.size = (uint32_t)rand_r(seed) % 600;
  for (uint32_t i = 0; i < message.request.size; i++)
    message.bytes[i] = (uint8_t)(rand_r(seed) >> 3);
  if (rand_r(seed) % 4 == 0)
    message.bytes[0] = 0;
  size_t size = sizeof message.request + message.request.size;
  if (write(fd, &message, size) != (ssize_t)size)
    fail("write");
  for (size_t done = 0; done < sizeof reply;) {
    ssize_t n = read(fd, (char *)&reply + done, sizeof reply - done);
    if (n <= 0)
      fail("read");
    done += (size_t)n;
  }
  if (reply.sequence != message.request.sequence || reply.level >= LEVELS ||
      reply.sum != expected(message.bytes, message.request.size, reply.level)) {
    fprintf(stderr, "wrong answer: level %u, sum %lx\n", reply.level, (unsigned long)reply.sum);
    exit(1);
  }
  answers[reply.level]++;
  unsigned long before = highest;
  while (before < reply.count && !atomic_compare_exchange_weak(&highest, &before, reply.count))
    ;
}

static void *run(void *argument) {
  unsigned seed = (unsigned)(uintptr_t)argument;
  while (!over) {
    int fd = connect_server();
    for (int left = rand_r(&seed) % 200 + 1; left > 0 && !over; left--)
      ask(fd, &seed);
    close(fd);
  }
  return NULL;
}

int main(int argc, char **argv) {
  int count = argc > 2 ? atoi(argv[2]) : 1;
  pthread_t threads[256];
  if (argc != 3 || count < 1 || count > 256)
    return 2;
  signal(SIGPIPE, SIG_IGN);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons((uint16_t)atoi(argv[1]));
  for (int i = 0; i < count; i++)
    if (pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)(i + 1)) != 0)
      fail("pthread_create");
  while (getchar() != EOF)
    ;
  over = 1;
  for (int i = 0; i < count; i++)
    pthread_join(threads[i], NULL);
  unsigned long total = answers[0] + answers[1] + answers[2];
  printf("%lu answers (%lu, %lu, %lu of the levels), %lu connections\n", total, answers[0],
         answers[1], answers[2], connections);
  if (highest != total) {
    fprintf(stderr, "the server counted %lu answers\n", highest);
    return 1;
  }
  return 0;
}
