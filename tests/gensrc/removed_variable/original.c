static int seen = 3;
int count(int x) { return seen += x; }
int f(int x) { return x + 1; }
