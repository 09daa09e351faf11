int g(int x) __attribute__((alias("f")));
int f(int x) { return x; }
int h(int x) { return g(x) + 1; }
