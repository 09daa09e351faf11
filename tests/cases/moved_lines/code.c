/* SPDX-License-Identifier: GPL-2.0-or-later
 * Line numbers in code, by macros that nobody has heard of. The fix adds seven
 * lines at the top, changes limit() by nothing but an immediate, from the number of
 * its line before to the number of its line after, and changes answer(). */
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "marks.h"

#define HERE __LINE__
#define CHECK(condition, ...)                                                            \
  do {                                                                                   \
    if (!(condition))                                                                    \
      complain(__FILE__, HERE);                                                          \
  } while (0)

static const char *file = "none";
static int line;
static volatile int zero;

static __attribute__((noinline)) void complain(const char *where, int number) {
  file = where;
  line = number;
}

static __attribute__((noinline)) int limit(int x) {
  return x * 3 + 28;
}

static __attribute__((noinline)) int mark(int x) {
  return x * 1000 + HERE;
}

static __attribute__((noinline)) void checked(int x) {
  CHECK(x > 0, "an argument that takes",
        "more than one line");
}

struct place {
  const char *file;
  int line;
};

/* A table of which only the line number changes. */
static __attribute__((noinline)) int table(int i) {
  static const struct place places[] = {{"a", 1}, {"b", HERE}};
  return places[i & 1].line;
}

#line 500 "grammar.y"
static __attribute__((noinline)) int grammar(int x) {
  return x + __LINE__ + (__FILE__[0] == 'g');
}

void answer(const char *request, char *reply) {
  checked(zero);
  sprintf(reply, "limit %d mark %d check %d header %d table %d grammar %d %s", limit(zero),
          mark(zero), line / 10, in_header(zero), table(1 + zero), grammar(zero),
          strcmp(request, "ask") ? "?" : "before");
}
