int one(int x, int *p) { return p[0] + 3 * x; }
int two(int x, int *p) { return p[0] + 2 * x; }
