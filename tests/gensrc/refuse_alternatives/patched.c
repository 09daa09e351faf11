/* A table of places that the program walks, as alternatives are. */
int f(int x) { __asm__ volatile("1: nop\n.pushsection my_alternatives,\"a\"\n.quad 1b, 3\n.popsection"); return x * 5 + 1; }
int g(int x) { return x * 7; }
