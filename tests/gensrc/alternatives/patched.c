int f(int x) { __asm__ volatile("1: nop\n.pushsection my_alternatives,\"a\"\n.quad 1b\n.popsection"); return x * 5 + 1; }
int g(int x) { return x * 9; }
