int now(void);
int ready;
int f(int x) { return ready + x; }
