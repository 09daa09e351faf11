int printf(const char *, ...);
void abort(void);
__attribute__((cold, noinline)) void die(int x);
int work(int);
int f(int x) { if (__builtin_expect(x < 0, 0)) { printf("bad %x", x); die(x); abort(); } return work(x) + 1; }
int g(int x) { if (__builtin_expect(x < 0, 0)) { printf("no good %u", x); die(x); abort(); } return work(x) + 2; }
