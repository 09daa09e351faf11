/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "case.h"

EXPORT int inside(int fd);

__attribute__((noinline)) int inside(int fd) {
  char c;
  return fd >= 0 && read(fd, &c, 1) == 1 ? 1 : 2;
}

void answer(const char *request, char *reply) {
  strcpy(reply, inside(-1) == 2 ? "before" : "after");
}
