#include <stdio.h>
void say(int a);
int main(void) {
  for (int n; scanf("%d", &n) == 1; fflush(stdout))
    say(n);
  return 0;
}
