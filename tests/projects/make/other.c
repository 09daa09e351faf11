#include <stdio.h>
int second(int a);
int main(void) {
  for (int n; scanf("%d", &n) == 1; fflush(stdout))
    printf("%d\n", second(n));
  return 0;
}
