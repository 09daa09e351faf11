static __thread int old = 3;
__thread long seen;
int f(int x) { return old += x; }
int g(int x) { return x + 1; }
int *h(int x) { return &old + x; }
