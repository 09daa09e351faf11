int puts(const char *);
int a(void) { return puts("zero"); }
int f(int x) { return puts("first") + puts("two") + x; }
int b(void) { return puts("two") + puts("three"); }
