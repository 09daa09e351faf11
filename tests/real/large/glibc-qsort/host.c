// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sorts without memory to help: malloc fails for the thread that sorts, so that the C library
// sorts in place, with the function that the fix is in. The fault is a comparison by which
// an element is less than all others: it is searched a place for before the first one. The
// comparison is asked about what lies there, and ends the search.
#include "host.h"

enum { NUMBERS = 500, BLOCK = 4096 };

static __thread int no_memory;

void *__libc_malloc(size_t size);
void *malloc(size_t size) {
  return no_memory && size > 1000 ? NULL : __libc_malloc(size);
}

static void prepare(void) {}

static int by_value(const void *a, const void *b) {
  int first = *(const int *)a, second = *(const int *)b;
  return (first > second) - (first < second);
}

static const char *work(void) {
  int numbers[NUMBERS];
  unsigned seed = (unsigned)(uintptr_t)&seed;
  for (int i = 0; i < NUMBERS; i++)
    numbers[i] = rand_r(&seed) % 1000;
  no_memory = 1;
  qsort(numbers, NUMBERS, sizeof *numbers, by_value);
  no_memory = 0;
  for (int i = 1; i < NUMBERS; i++)
    if (numbers[i - 1] > numbers[i])
      return "not sorted";
  return "ok";
}

static __thread const char *first_block;
static __thread int outside;

static int less_than_all(const void *a, const void *b) {
  (void)a;
  if ((const char *)b >= first_block)
    return -1;
  outside = 1;
  return 1;
}

static const char *fault(void) {
  static char blocks[4][BLOCK]; // one before the first
  first_block = blocks[1];
  outside = 0;
  no_memory = 1;
  qsort(blocks[1], 3, BLOCK, less_than_all);
  no_memory = 0;
  return outside ? "vulnerable" : "fixed";
}
