int g(int x);
int f(int x) { return x; }
int h(int x) { return g(x) + 1; }
