/* Folded statics have no symbol of their own any more: one that parts is new. */
static __attribute__((noinline)) int one(int x, int *p) { for (int i = 0; i < x; i++) p[i] += 3 * x; return p[0]; }
static __attribute__((noinline)) int two(int x, int *p) { for (int i = 0; i < x; i++) p[i] += 2 * x; return p[0]; }
int first(int x, int *p) { return one(x, p) + 1; }
int second(int x, int *p) { return two(x, p) + 2; }
