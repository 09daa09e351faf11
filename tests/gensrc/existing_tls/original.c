__thread int mine = 3; static __thread int own;
int f(int x) { mine += x; return mine + own++; }
int g(int x) { return own + x; }
