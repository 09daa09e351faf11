#include <kpatch.h>
int check(void);
int f(int x) { return x + 1; }
int g(int x) { return x + 2; }
KPATCH_PRE_APPLY(check);
