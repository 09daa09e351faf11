__attribute__((noinline, noclone)) int added(int x) { return x * 77; }
int f(int x) { return added(x) + 1; }
