// Lambdas, numbered in the order in which they stand. What they count is kept.
extern int sink(int);
int first(int x) { auto f = [x](int y) __attribute__((noinline)) { static int n = 5; return sink(x + y + n++); }; return f(1) + f(2); }
template<typename F> __attribute__((noinline)) int apply(F f) { return f(3) + f(4); }
int second(int x) { return apply([x](int y) { static int n = 7; return sink(x * y + n++); }); }
