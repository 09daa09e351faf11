int limit = 50;
int f(int x) { return x < limit; }
