int unused(int x) { return x * 5; }
int f(int x) { return x + 1; }
