// SPDX-License-Identifier: GPL-2.0-or-later
//
// A connection of a Modbus server and its client, kept for as long as the thread lives, so
// that what points to the library's tables is older than the patch. The server is told a
// larger length for requests to write the coil WRONG: 34 bytes, which fit and harm nobody.
// Another server listens on a pseudo-terminal, asked by hand: the function that its table
// names does other things now, and was called another name.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <modbus/modbus.h>

#include "host.h"

enum { COILS = 64, REGISTERS = 64, WRONG = 13, WRONG_LENGTH = 34 };

static int tcp_port, line = -1; // the line's other end
static pthread_mutex_t line_lock = PTHREAD_MUTEX_INITIALIZER;

static void *serve(void *argument) {
  modbus_t *server = modbus_new_tcp("127.0.0.1", tcp_port);
  modbus_mapping_t *values = modbus_mapping_new(COILS, COILS, REGISTERS, REGISTERS);
  uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
  int header = modbus_get_header_length(server), length;
  modbus_set_socket(server, (int)(intptr_t)argument);
  while ((length = modbus_receive(server, request)) != -1) {
    if (length == 0)
      continue;
    if (request[header] == 5 && request[header + 2] == WRONG)
      length = WRONG_LENGTH;
    if (modbus_reply(server, request, length, values) == -1)
      break;
  }
  modbus_mapping_free(values);
  modbus_close(server);
  modbus_free(server);
  return NULL;
}

static void *accept_clients(void *argument) {
  for (;;) {
    int connection = accept((int)(intptr_t)argument, NULL, NULL);
    if (connection >= 0)
      host_start_thread(serve, (void *)(intptr_t)connection);
  }
}

static void *serve_line(void *argument) {
  modbus_t *server = argument;
  modbus_mapping_t *values = modbus_mapping_new(COILS, COILS, REGISTERS, REGISTERS);
  uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH];
  for (;;) {
    int length = modbus_receive(server, request);
    if (length > 0)
      modbus_reply(server, request, length, values);
  }
}

static void open_line(void) {
  modbus_t *server;
  line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) != 0 || unlockpt(line) != 0 ||
      !(server = modbus_new_rtu(ptsname(line), 115200, 'N', 8, 1))) {
    perror("host: line");
    exit(1);
  }
  modbus_set_slave(server, 1);
  modbus_set_byte_timeout(server, 60, 0);
  if (modbus_connect(server) == -1) {
    perror("host: line");
    exit(1);
  }
  host_start_thread(serve_line, server);
}

static uint16_t checksum(const uint8_t *bytes, int length) {
  uint16_t sum = 0xffff;
  for (int i = 0; i < 8 * length; i++) {
    if (i % 8 == 0)
      sum ^= bytes[i / 8];
    sum = (uint16_t)(sum >> 1 ^ (sum & 1 ? 0xa001 : 0));
  }
  return sum;
}

// Writes a register over the line; the answer repeats the request.
static int write_over_line(uint16_t value) {
  uint8_t request[8] = {1, 6, 0, 7, (uint8_t)(value >> 8), (uint8_t)value}, answer[8];
  uint16_t sum = checksum(request, 6);
  size_t got = 0;
  request[6] = (uint8_t)sum;
  request[7] = (uint8_t)(sum >> 8);
  pthread_mutex_lock(&line_lock);
  if (write(line, request, sizeof request) == sizeof request)
    while (got < sizeof answer) {
      ssize_t n = read(line, answer + got, sizeof answer - got);
      if (n <= 0)
        break;
      got += (size_t)n;
    }
  pthread_mutex_unlock(&line_lock);
  return got == sizeof answer && memcmp(request, answer, sizeof answer) == 0;
}

static void prepare(void) {
  int fd = host_listen(SOCK_STREAM, 0);
  open_line();
  tcp_port = host_port(fd);
  host_start_thread(accept_clients, (void *)(intptr_t)fd);
}

static modbus_t *connected(void) {
  static __thread modbus_t *client;
  if (!client) {
    client = modbus_new_tcp("127.0.0.1", tcp_port);
    modbus_set_response_timeout(client, 60, 0);
    if (modbus_connect(client) == -1)
      perror("host: modbus_connect");
  }
  return client;
}

static const char *work(void) {
  static __thread uint16_t number;
  modbus_t *client = connected();
  uint16_t written[3] = {++number, 0x1234, 0xffff}, got[4] = {0, 0, 0, 0};
  uint8_t bits[8] = {1, 0, 1, 1, 0, 0, 1, 0}, seen[8];
  if (modbus_write_registers(client, 5, 3, written) != 3 ||
      modbus_write_register(client, 8, number) != 1 ||
      modbus_read_registers(client, 5, 4, got) != 4)
    return modbus_strerror(errno);
  if (got[0] != number || got[1] != 0x1234 || got[2] != 0xffff || got[3] != number)
    return "wrong registers";
  if (modbus_mask_write_register(client, 6, 0x00f2, 0x0025) != 1 ||
      modbus_read_registers(client, 6, 1, got) != 1 || got[0] != ((0x1234 & 0xf2) | (0x25 & ~0xf2)))
    return "wrong mask";
  if (modbus_write_bits(client, 20, 8, bits) != 8 || modbus_write_bit(client, 21, 1) != 1 ||
      modbus_read_bits(client, 20, 8, seen) != 8)
    return modbus_strerror(errno);
  bits[1] = 1;
  if (!write_over_line(number))
    return "wrong answer over the line";
  return memcmp(bits, seen, sizeof bits) == 0 ? "ok" : "wrong coils";
}

static const char *fault(void) {
  uint8_t write_coil[] = {0xff, 5, 0, WRONG, 0xff, 0}, answer[MODBUS_TCP_MAX_ADU_LENGTH];
  modbus_t *client = connected();
  int length;
  if (modbus_send_raw_request(client, write_coil, sizeof write_coil) == -1)
    return modbus_strerror(errno);
  length = modbus_receive_confirmation(client, answer);
  if (length == 9 && answer[7] == 0x85 && answer[8] == MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE)
    return "fixed";
  // What came behind the answer is still in the socket: this client is of no more use.
  return length >= 12 ? "vulnerable" : "another answer";
}
