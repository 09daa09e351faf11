/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A C program without exceptions, whose C library loads the unwinder when it is first
 * needed: for backtrace() in the function that the fix changes. */
#include <execinfo.h>
#include <stdio.h>
#include <string.h>

#include "case.h"

#define NOINLINE __attribute__((noinline))

static const void *caller;

/* Does the trace reach the caller of the caller? */
static NOINLINE void trace(char *reply, int depth) {
  void *frames[64];
  int count = backtrace(frames, 64 - depth), found = 0;
  for (int i = 0; i < count; i++)
    found |= frames[i] == caller;
  sprintf(reply, "before, %s", found ? "the caller is there" : "the trace ends early");
}

static NOINLINE void between(char *reply) {
  trace(reply, 1);
  strcat(reply, ".");
}

void answer(const char *request, char *reply) {
  caller = __builtin_return_address(0);
  if (strcmp(request, "ping") == 0)
    strcpy(reply, "pong");
  else
    between(reply);
}
