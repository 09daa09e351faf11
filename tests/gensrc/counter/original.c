// __COUNTER__ counts on behind a use that the fix adds: f changed itself, g only by the
// number that it gets now. h, which uses none, stays.
int log(int n);
int f(int x) { return x + log(__COUNTER__ + 10); }
int g(int x) { return x * log(__COUNTER__ + 10); }
int h(int x) { return x - log(5); }
