#include <stdio.h>
int part(int a);
int main(void) {
  for (int n; scanf("%d", &n) == 1; fflush(stdout))
    printf("%d\n", part(n));
  return 0;
}
