#include <stdarg.h>
#include <stdio.h>

#include "case.h"

static __attribute__((noinline)) int sum(char *reply, int count, ...) {
  va_list list;
  double total = 0;
  va_start(list, count);
  for (int i = 0; i < count; i++)
    total += va_arg(list, double);
  va_end(list);
  return sprintf(reply, "sum %g", total);
}

void answer(const char *request, char *reply) {
  double x = request[0] - '0';
  sum(reply, 10, x, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.25);
}
