// Lambdas, numbered in the order in which they stand.
extern int sink(int);
int first(int x) { auto f = [x](int y) __attribute__((noinline)) { return sink(x + y); }; return f(1) + f(2); }
template<typename F> __attribute__((noinline)) int apply(F f) { return f(3) + f(4); }
int second(int x) { return apply([x](int y) { return sink(x * y); }); }
