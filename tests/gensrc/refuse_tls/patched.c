__thread int mine;
int f(int x) { return x + mine++; }
