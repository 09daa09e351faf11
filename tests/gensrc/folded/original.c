/* Two functions become equal: gcc folds them into one, or makes one jump to the other. */
__attribute__((noinline)) int one(int x, int *p) { for (int i = 0; i < x; i++) p[i] += 3 * x; return p[0]; }
__attribute__((noinline)) int two(int x, int *p) { for (int i = 0; i < x; i++) p[i] += 2 * x; return p[0]; }
int use(int x, int *p) { return one(x, p) - two(x + 1, p); }
