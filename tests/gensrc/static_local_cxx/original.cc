int compute(int);
int use(int n) { static int known = compute(3); return n + known; }
int other(int n) { static int known = compute(4); return n * known; }
