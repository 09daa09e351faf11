static int one(int x) { return x + 1; }
extern int (*const table[])(int);
int (*const table[])(int) = {one, one};
int f(int x) { return table[x & 1](x); }
