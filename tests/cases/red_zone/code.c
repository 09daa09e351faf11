#include <stdio.h>
#include <stdlib.h>

#include "case.h"

extern int number, four[4];
extern unsigned char octet;
extern short half;
extern long wide;
extern double scale;
extern float small;

/* A leaf with its variables in the red zone, and most registers in use. */
__attribute__((noinline)) long checksum(long a, long b, long c, long d, long e, long f) {
  volatile long room[14];
  volatile unsigned char octets[16];
  long sum = 0;
  for (int i = 0; i < 14; i++)
    room[i] = a * i + b;
  for (int i = 0; i < 16; i++)
    octets[i] = (unsigned char)(c + i);
  for (int i = 0; i < 14; i++)
    sum = sum * 31 + room[i] * d + octets[i] * e + octets[i + 4] * f;
  return sum;
}

__attribute__((noinline)) double weigh(double a, double b) {
  volatile double room[16];
  for (int i = 0; i < 16; i++)
    room[i] = a * i;
  return room[3] + room[15] * b;
}

void answer(const char *request, char *reply) {
  long n = atol(request);
  sprintf(reply, "%ld %.6f", checksum(n, n + 1, n + 2, n + 3, n + 4, n + 5), weigh(n, 0.5));
}
