int known(int) __attribute__((weak));
int plain(int);
int calls(int x) { return known ? known(x) : plain(x); }
int fixed(int x) { return x + 1; }
