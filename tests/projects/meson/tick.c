#include <stdio.h>
const char *part(int a);
int main(void) {
  for (int n; scanf("%d", &n) == 1; fflush(stdout))
    printf("%s\n", part(n));
  return 0;
}
