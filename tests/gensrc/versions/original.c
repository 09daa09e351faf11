/* Two versions of one symbol, as libraries have them. */
int new_one(int x) { return x * 5 + 1; }
int old_one(int x) { return x * 3 + 1; }
__asm__(".symver new_one, one@@V2");
__asm__(".symver old_one, one@V1");
int use(int x) { return new_one(x) + 1; }
