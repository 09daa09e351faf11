int compute(int);
int use(int n) { static int known = compute(3); static const int extra = compute(n); return n + known + extra; }
int other(int n) { static int known = compute(4); return n * known; }
