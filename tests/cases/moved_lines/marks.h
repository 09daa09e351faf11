/* SPDX-License-Identifier: GPL-2.0-or-later
 * The fix adds lines here too. */
#include <stdio.h>

static __attribute__((noinline)) int in_header(int x) {
  return x * 1000 + __LINE__;
}
