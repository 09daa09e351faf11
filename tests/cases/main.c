/* SPDX-License-Identifier: GPL-2.0-or-later
 * The common main program of the cases; see case.h. */
#include <stdio.h>
#include <string.h>

#include "case.h"

int main(void) {
  char request[4096], reply[4096];
  while (fgets(request, sizeof request, stdin)) {
    request[strcspn(request, "\n")] = '\0';
    answer(request, reply);
    puts(reply);
    fflush(stdout);
  }
  return 0;
}
