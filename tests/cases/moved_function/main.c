#include <stdio.h>
#include <string.h>

#include "case.h"

int tries = 3;
int hidden_one(int x) { return x - 1; }
int twice(int x) { return 2 * x; }

int main(void) {
  char request[4096], reply[4096];
  while (fgets(request, sizeof request, stdin)) {
    request[strcspn(request, "\n")] = '\0';
    answer(request, reply);
    printf("%s %d\n", reply, hidden_one(twice(4)));
    fflush(stdout);
  }
  return 0;
}
