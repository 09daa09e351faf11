// SPDX-License-Identifier: GPL-2.0-or-later
//
// An HTTP server in a thread; clients here are plain sockets. It answers with the length of
// the body and what it was told in X-Trailer. Two faults: a request that gives its length in
// two ways is answered, and a field behind the body counts as one of the headers.
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <sys/time.h>

#include "host.h"

static int http_port;

static void answer(struct evhttp_request *request, void *data) {
  struct evbuffer *out = evbuffer_new();
  const char *trailer = evhttp_find_header(evhttp_request_get_input_headers(request), "X-Trailer");
  (void)data;
  evbuffer_add_printf(out, "body=%zu trailer=%s\n",
                      evbuffer_get_length(evhttp_request_get_input_buffer(request)),
                      trailer ? trailer : "-");
  evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
  evhttp_send_reply(request, 200, "OK", out);
  evbuffer_free(out);
}

static void *serve(void *argument) {
  struct event_base *base = event_base_new();
  struct evhttp *http = evhttp_new(base);
  int fd = (int)(intptr_t)argument;
  evutil_make_socket_nonblocking(fd);
  evhttp_set_gencb(http, answer, NULL);
  if (evhttp_accept_socket(http, fd) != 0)
    exit(1);
  event_base_dispatch(base);
  return NULL;
}

static void prepare(void) {
  int fd = host_listen(SOCK_STREAM, 0);
  http_port = host_port(fd);
  host_start_thread(serve, (void *)(intptr_t)fd);
}

// All that the server says to `request`, up to the end of the connection.
static void ask(const char *request, char *text, size_t size) {
  struct sockaddr_in server;
  struct timeval patience = {60, 0};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  size_t got = 0;
  ssize_t n;
  memset(&server, 0, sizeof server);
  server.sin_family = AF_INET;
  server.sin_port = htons((uint16_t)http_port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) == 0 &&
      send(fd, request, strlen(request), 0) > 0)
    while (got < size - 1 && (n = recv(fd, text + got, size - 1 - got, 0)) > 0)
      got += (size_t)n;
  text[got] = 0;
  close(fd);
}

#define POST "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static const char *work(void) {
  char text[2000];
  ask(POST "Content-Length: 3\r\nX-Trailer: early\r\n\r\nabc", text, sizeof text);
  if (!strstr(text, " 200 ") || !strstr(text, "body=3 trailer=early\n"))
    return "wrong answer";
  ask(POST CHUNKED "\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n", text, sizeof text);
  return strstr(text, " 200 ") && strstr(text, "body=8 trailer=-\n") ? "ok"
                                                                     : "wrong answer to chunks";
}

static const char *fault(void) {
  char both[2000], trailer[2000];
  ask(POST "Content-Length: 3\r\n" CHUNKED "\r\n5\r\nhello\r\n0\r\n\r\n", both, sizeof both);
  ask(POST CHUNKED "\r\n5\r\nhello\r\n0\r\nX-Trailer: evil\r\n\r\n", trailer, sizeof trailer);
  if (strstr(both, " 200 ") && strstr(trailer, "trailer=evil"))
    return "vulnerable";
  return strstr(both, " 400 ") && strstr(trailer, "trailer=-") ? "fixed" : "another answer";
}
