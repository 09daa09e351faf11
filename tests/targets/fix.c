/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the fix of these tests changes, in a library or in a program itself. */
#include <stdio.h>

#include "fix.h"

static int calls;

const char *answer(void) {
  static char reply[64];
  calls++;
  snprintf(reply, sizeof reply, "before%s", calls < 0 ? " the beginning" : "");
  return reply;
}
