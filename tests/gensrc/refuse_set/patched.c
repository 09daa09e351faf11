__attribute__((section("my_set"), used)) static int entry_a = 1;
#define entry(n) n
__attribute__((section("my_set"), used)) static int entry_b = entry(3);
int f(int x) { return x; }
