int f(int x) { int y; __asm__ volatile("1: leal 1(%1), %0; jmp 2f\n 2: nop\n .pushsection .fixup_notes,\"\"\n .quad 1b\n .popsection" : "=r"(y) : "r"(x)); return y; }
int g(int x) { __asm__ volatile("1: nop; lock; addl $1, %0; jne 1b" : "+m"(x)); return x; }
