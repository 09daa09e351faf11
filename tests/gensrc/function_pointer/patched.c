__attribute__((noinline, noclone)) int callee(int x) { return x + 6; }
int (*pointer)(int) = callee;
int (*get(void))(int) { return callee; }
__attribute__((noinline, noclone)) int user(int x) { return callee(x + 6) + pointer(x); }
