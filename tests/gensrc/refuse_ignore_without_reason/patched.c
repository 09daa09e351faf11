#include <kpatch.h>
static int limit = 50;
KPATCH_IGNORE(limit, "");
int f(int x) { return x < limit++ + 1; }
