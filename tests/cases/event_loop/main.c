/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program that sleeps inside the function that the fix changes, whenever it has
 * nothing to do: it is outside for the time of one answer. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

int next_request(char *request, int size);

int main(void) {
  char request[4096], reply[4096];
  int n;
  while ((n = next_request(request, sizeof request)) >= 0) {
    strcpy(reply, n >= 1000 ? "after\n" : "before\n");
    if (write(1, reply, strlen(reply)) < 0)
      return 1;
  }
  return 0;
}
