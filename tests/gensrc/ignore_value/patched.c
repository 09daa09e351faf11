#include <kpatch.h>
static int limit = 50;
KPATCH_IGNORE(limit, "a new process reads the old one's value anyway");
int f(int x) { return x < limit++ + 1; }
