int g(int x);
__attribute__((noinline, noclone)) int f(int x) { return g(x) + x + 1; }
int h(int x) { return f(x) * 3; }
