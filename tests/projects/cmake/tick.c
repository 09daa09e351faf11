#include <stdio.h>
#ifndef MARK
#define MARK ""
#endif
int part(int a);
int main(void) {
  for (int n; scanf("%d", &n) == 1; fflush(stdout))
    printf("%d%s\n", part(n), MARK);
  return 0;
}
