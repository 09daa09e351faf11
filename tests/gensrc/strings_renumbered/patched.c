int puts(const char *);
int a(void) { puts("brand new"); return puts("zero"); }
int f(int x) { return puts("one") + puts("two") + x; }
double c(double x) { return x * 3.25 + 1.125; }
