/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A little of everything for the quick self-check by replacement: strings, tables,
 * jumps, static variables, pointers to functions, floats, variadics, TLS, long jumps. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int counter;
static __thread int own = 5;
static jmp_buf place;
typedef int operation(int, int);

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int shorter(int a) { return a; }
static operation *const operations[] = {add, sub};

static const char *name_of(int n) {
  switch (n) {
  case 0: return "zero";
  case 1: return "one";
  case 2: return "two";
  case 3: return "three";
  case 4: return "four";
  case 5: return "five";
  case 17: return "seventeen";
  default: return "many";
  }
}

static int average(int count, ...) {
  va_list list;
  int sum = 0;
  va_start(list, count);
  for (int i = 0; i < count; i++)
    sum += va_arg(list, int);
  va_end(list);
  return count == 0 ? 0 : sum / count;
}

static int remember(int n) {
  static int calls;
  static char last[32];
  calls++;
  snprintf(last, sizeof last, "%d after %d", n, calls);
  counter += own++;
  return (int)strlen(last) + counter;
}

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void leave(int n) {
  if (n == 3)
    longjmp(place, 7);
  if (n > 5)
    abort();
}

static double curve(double x) { return x < 0 ? -1.5 : sqrt(x) * 2.25 + sin(x); }

static unsigned long long factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

__attribute__((noinline)) int everything(int n) {
  int numbers[] = {n, 3, 9, -4, 17, n * 2, 0};
  qsort(numbers, 7, sizeof numbers[0], compare);
  int jumped = setjmp(place);
  if (jumped == 0)
    leave(n);
  errno = 0;
  (void)strtol("99999999999999999999", NULL, 10);
  printf("%s %d %d %d %.6f %llu %d %d %d %d\n", name_of(n), operations[n & 1](n, 2),
         average(3, n, n + 1, n + 2), remember(n), curve(n - 2.5), factorial(n % 15), numbers[0],
         jumped, errno == ERANGE, shorter(n));
  return numbers[6];
}

int main(int argc, char **argv) {
  int sum = argc > 1 ? atoi(argv[1]) : 0;
  for (int n = 0; n < 6; n++)
    sum += everything(n);
  printf("%d %d %d\n", sum, counter, own);
  return 3;
}
