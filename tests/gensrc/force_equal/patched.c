#include <kpatch.h>
int f(int x) { return x + 1; }
int g(int x) { return x + 2; }
KPATCH_FORCE(f);
