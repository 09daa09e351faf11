/* .constprop and .part clones, whose numbers the fix shifts. */
extern int sink(const char *, int, int);
static __attribute__((noinline)) int clone_me(int a, int b) { for (int i = 0; i < b; i++) a += sink("clone", a, i); return a; }
int one(int x) { return clone_me(x, 3) + clone_me(x + 1, 3); }
int two(int x) { return x * 3 + sink("two", x, 1); }
