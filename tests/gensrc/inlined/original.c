/* A function that was inlined is one no longer, and the other way round. */
extern int sink(int);
static int small(int x) { return sink(x) + 1; }
static __attribute__((noinline)) int large(int x) { return sink(x) * 5; }
int one(int x) { return small(x) + large(x); }
int two(int x) { return large(x + 1); }
