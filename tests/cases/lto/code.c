/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "case.h"
#include "parts.h"

static int count;
static const char *const labels[] = {"zero", "one", "two"};

__attribute__((noinline)) static int step(int by) {
  count += by;
  return count;
}

__attribute__((noinline)) void answer(const char *request, char *reply) {
  int kind = kind_of(request);
  int known = remember(request);
  sprintf(reply, "%s %s %d %d", name_of(kind), labels[kind], step(1), known);
}
