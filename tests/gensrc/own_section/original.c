__attribute__((noinline, section(".text.special"))) int special(int x) { return x * 5 + 1; }
__attribute__((noinline, section(".text.special"))) int other(int x) { return x * 7 + 1; }
__attribute__((section("my_data"))) int value = 4;
int use(int x) { return special(x) + other(x) + value; }
