__thread int level = 3;
int f(int x) { return level + x; }
