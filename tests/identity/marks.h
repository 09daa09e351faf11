/* SPDX-License-Identifier: GPL-2.0-or-later
 * Line numbers of a header, in a macro and in an inline function. */
#pragma once

void complain(const char *file, int line);

#define MUST(condition)                                                                  \
  do {                                                                                   \
    if (!(condition))                                                                    \
      complain(__FILE__, __LINE__);                                                      \
  } while (0)

static inline int half(int x) {
  MUST(x % 2 == 0);
  return x / 2;
}
