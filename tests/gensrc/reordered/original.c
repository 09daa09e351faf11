/* The same functions in another order; only one of them changes. */
static int count;
int first(int x) { static int calls; return x * 5 + ++calls; }
int second(int x) { static int calls; return x * 7 + ++calls + count; }
int third(int x) { return first(x) + second(x) + __builtin_popcount(x); }
