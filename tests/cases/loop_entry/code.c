#include <stdio.h>
#include <string.h>

#include "case.h"

/* Its loop begins within its first five bytes. */
__attribute__((noipa)) const char *skip(const char *s) {
  do
    s++;
  while (*s == ' ' || *s == '0');
  return s;
}

void answer(const char *request, char *reply) { strcpy(reply, skip(request)); }
