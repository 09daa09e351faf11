#include <stdio.h>
#ifdef LOUD
#define MARK "LOUD:"
#else
#define MARK ""
#endif
int part(int a);
int main(void) {
  for (int n; scanf("%d", &n) == 1; fflush(stdout))
    printf(MARK "%d\n", part(n));
  return 0;
}
