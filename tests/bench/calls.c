/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A target for measuring what a call costs: answers each line of its input with the
 * nanoseconds of a call to step(), and of one to stub(), whose only instruction is a
 * jump to the same body. */
#include <stdio.h>
#include <time.h>

#include "step.h"

int stub(int n);
__asm__(".text\n.p2align 4\n.globl stub\n.type stub, @function\nstub:\n\tjmp stub_body\n"
        ".size stub, .-stub\n");

__attribute__((noinline, used)) int stub_body(int n) {
  static int calls;
  return n + 1 + (calls++ < 0);
}

enum { kCalls = 20000000 };

static double nanoseconds(int (*volatile function)(int)) {
  struct timespec begin, end;
  volatile int sum = 0;
  int (*call)(int) = function;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int i = 0; i < kCalls; i++)
    sum += call(i);
  clock_gettime(CLOCK_MONOTONIC, &end);
  return ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / kCalls;
}

int main(void) {
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    printf("%.3f %.3f\n", nanoseconds(step), nanoseconds(stub));
    fflush(stdout);
  }
  return 0;
}
