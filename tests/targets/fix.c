/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the fix of these tests changes, in a library or in a program itself. */
#include <stdio.h>

#include "fix.h"

static int calls;
/* Data in pages of its own. */
__attribute__((visibility("default"))) char fix_pages[4 * 4096] = {1};

const char *answer(void) {
  static char reply[64];
  calls++;
  snprintf(reply, sizeof reply, "before%s", calls < 0 ? " the beginning" : "");
  return reply;
}
