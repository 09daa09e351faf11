__attribute__((noinline, noclone)) int g(int x) { static int count; count *= x; return count - 1; }
__attribute__((noinline, noclone)) int f(int x) { static int other = 3; static int count; count += x; other += x; return count + other; }
