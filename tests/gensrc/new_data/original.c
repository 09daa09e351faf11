int f(int x) { return x; }
int z;
