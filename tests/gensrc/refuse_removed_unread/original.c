int seen;
int f(int x) { seen += x; return seen; }
