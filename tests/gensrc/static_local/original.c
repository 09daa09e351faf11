__attribute__((noinline, noclone)) int g(int x) { static int count; count *= x; return count; }
__attribute__((noinline, noclone)) int f(int x) { static int count; count += x; return count; }
