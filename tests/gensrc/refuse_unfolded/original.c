/* Folded globals share one body: a call of two() from another file cannot be told from
   a call of one(). */
int one(int x, int *p) { return p[0] + 3 * x; }
int two(int x, int *p) __attribute__((alias("one")));
