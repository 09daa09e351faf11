int known(int) __attribute__((weak));
int extra(int) __attribute__((weak)); /* maybe not there */
int plain(int);
int calls(int x) { return known ? known(x) : plain(x); }
int fixed(int x) { return extra ? extra(x) : x + 2; }
