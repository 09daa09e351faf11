static int two(int x) { return x + 2; }
static int three(int x) { return x + 3; }
extern int (*const table[])(int);
int (*const table[])(int) = {two, three};
int f(int x) { return table[x & 1](x); }
