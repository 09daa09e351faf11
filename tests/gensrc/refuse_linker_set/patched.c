static int entry __attribute__((section("mine"))) = 3;
int f(int x) { return x + entry++; }
