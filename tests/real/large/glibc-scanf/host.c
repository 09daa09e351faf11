// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads with sscanf() what it has written with snprintf().
#include "host.h"

static void prepare(void) {}

static const char *work(void) {
  for (int i = 0; i < 100; i++) {
    char text[100], word[20] = "", four[5] = "";
    int number = 0;
    snprintf(text, sizeof text, "%d word%d 1234", i, i);
    if (sscanf(text, "%d %19s %4c", &number, word, four) != 3 || number != i ||
        strncmp(word, "word", 4) != 0 || strcmp(four, "1234") != 0)
      return "read otherwise";
  }
  return "ok";
}

static const char *fault(void) {
  char four[5] = "";
  return sscanf("abc", "%4c", four) == 1 ? "vulnerable" : "fixed";
}
