extern int total;
int f(int x) { return total += x + 1; }
