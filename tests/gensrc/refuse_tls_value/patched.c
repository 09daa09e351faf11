__thread int level = 4;
int f(int x) { return level - x; }
