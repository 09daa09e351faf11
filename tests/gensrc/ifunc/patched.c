/* An implementation that an IFUNC resolver chooses from, and a function that calls it. */
static int plain(int x) { return x * 5 + 3; }
static int fast(int x) { return x * 5 + 2; }
static int (*choose(void))(int) { __builtin_cpu_init(); return __builtin_cpu_supports("avx2") ? fast : plain; }
int work(int) __attribute__((ifunc("choose")));
int use(int x) { return work(x) + 1; }
int other(int x) { return work(x) + 4; }
