/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>

#include "case.h"

EXPORT int next_request(char *request, int size);

__attribute__((noinline)) int next_request(char *request, int size) {
  int n = 0;
  while (n < size && read(0, request + n, 1) == 1) {
    if (request[n++] == '\n')
      return n;
  }
  return -1;
}
