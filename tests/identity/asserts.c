/* SPDX-License-Identifier: GPL-2.0-or-later
 * Line numbers in code and data, in every form that the identity test knows. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "marks.h"

struct mark {
  const char *function;
  int line;
};

#define MARK() ({ static struct mark here = {__func__, __LINE__}; &here; })
#define TEXT_(line) #line
#define TEXT(line) TEXT_(line)

void complain(const char *file, int line) {
  fprintf(stderr, "%s:%d\n", file, line);
}

static int twice(int x) {
  assert(x < 1000);
  return 2 * x;
}

static const char *where(int x) {
  return x ? __FILE__ ":" TEXT(__LINE__) : "nowhere at line " TEXT(__LINE__);
}

/* The second build is later. */
static const char *when(void) {
  return __DATE__ " " __TIME__;
}

int main(int argc, char **argv) {
  struct mark *mark = MARK();
  assert(argc < 10 && "several lines"
                      "of text");
  MUST(
      argv[0] != NULL);
  printf("%s %s %s %d %d\n", when(), where(argc), mark->function, mark->line, half(twice(argc)));
  return abs(argc - __LINE__) == 0;
}
