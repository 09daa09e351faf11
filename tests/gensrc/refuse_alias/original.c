int one(int x) { return x + 1; }
int two(int x) { return x + 2; }
int other(int) __attribute__((alias("one")));
