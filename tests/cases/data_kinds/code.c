#include <stdint.h>
#include <stdio.h>

#include "case.h"
#include "code.h"

static int one(void) { return 1; }
static int two(void) { return 2; }
static int three(void) { return 3; }
/* The compiler must not fold the calls. */
static int (*volatile const kept[])(void) = {one, two, three};
static int (*const steps[])(void) = {one, two, one, two};

__attribute__((noinline)) static int step(unsigned at) { return steps[at % 4](); }
__attribute__((noinline)) static int all_steps(void) {
  int sum = 0;
  unsigned i;
  for (i = 0; i < 4; i++)
    sum = 10 * sum + steps[i]();
  return sum;
}

int unchanged(int x) { return x + kept[2](); }

void answer(const char *request, char *reply) {
  int length = sprintf(reply, "%s: %d %d %d", request, step(1), all_steps(), unchanged(0));
  second_answer(reply + length);
}
