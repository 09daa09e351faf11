// SPDX-License-Identifier: GPL-2.0-or-later
//
// Resolves names by a name server in a thread of this process. It gives each name the
// address 192.0.2.<its length>, and sends an empty datagram first for names with `empty`.
#include <ares.h>
#include <netdb.h>
#include <sys/select.h>

#include "host.h"

static int server_port;

static void *name_server(void *argument) {
  int fd = (int)(intptr_t)argument;
  unsigned char packet[600];
  struct sockaddr_in from;
  for (;;) {
    socklen_t from_size = sizeof from;
    ssize_t size = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &from_size), end = 12;
    if (size < 17)
      continue;
    while (end < size && packet[end] != 0)
      end += packet[end] + 1;
    end += 5; // the root, type and class
    if (end > size)
      continue;
    packet[2] = 0x81, packet[3] = 0x80;
    packet[6] = 0, packet[7] = 1;
    memset(packet + 8, 0, 4); // nothing more behind the answer
    unsigned char answer[16] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, packet[12]};
    memcpy(packet + end, answer, sizeof answer);
    if (memcmp(packet + 13, "empty", 5) == 0)
      sendto(fd, "", 0, 0, (struct sockaddr *)&from, from_size);
    sendto(fd, packet, (size_t)end + sizeof answer, 0, (struct sockaddr *)&from, from_size);
  }
}

static void prepare(void) {
  int fd = host_listen(SOCK_DGRAM, 0);
  server_port = host_port(fd);
  ares_library_init(ARES_LIB_INIT_ALL);
  host_start_thread(name_server, (void *)(intptr_t)fd);
}

struct answer {
  int status;
  unsigned char address[4];
};

static void answered(void *data, int status, int timeouts, struct hostent *host) {
  struct answer *answer = data;
  (void)timeouts;
  answer->status = status;
  if (status == ARES_SUCCESS)
    memcpy(answer->address, host->h_addr_list[0], 4);
}

static struct answer resolve(const char *name) {
  struct answer answer = {-1, {0, 0, 0, 0}};
  struct ares_options options;
  ares_channel channel;
  char server[32];
  memset(&options, 0, sizeof options);
  options.timeout = 20000; // milliseconds
  options.tries = 1;
  if (ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS)
    return answer;
  snprintf(server, sizeof server, "127.0.0.1:%d", server_port);
  ares_set_servers_ports_csv(channel, server);
  ares_gethostbyname(channel, name, AF_INET, answered, &answer);
  for (;;) {
    fd_set in, out;
    struct timeval most;
    FD_ZERO(&in);
    FD_ZERO(&out);
    int files = ares_fds(channel, &in, &out);
    if (files == 0)
      break;
    select(files, &in, &out, NULL, ares_timeout(channel, NULL, &most));
    ares_process(channel, &in, &out);
  }
  ares_destroy(channel);
  return answer;
}

static const char *work(void) {
  struct answer answer = resolve("resolved.example");
  return answer.status == ARES_SUCCESS && answer.address[0] == 192 && answer.address[3] == 8
             ? "ok"
             : ares_strerror(answer.status);
}

static const char *fault(void) {
  struct answer answer = resolve("empty.example");
  return answer.status == ARES_SUCCESS        ? "fixed"
         : answer.status == ARES_ECONNREFUSED ? "vulnerable"
                                              : ares_strerror(answer.status);
}
