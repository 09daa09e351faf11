/* SPDX-License-Identifier: GPL-2.0-or-later
 * Has a `count` and a `step` of its own. */
#include <string.h>

#include "parts.h"

static int count = 100;
static char last[16];

__attribute__((noinline)) static int step(int by) {
  count += by * 10;
  return count;
}

int remember(const char *word) {
  strncpy(last, word, sizeof last - 1);
  return step((int)strlen(last));
}

int remembered(void) { return count; }
