int f(int x) { __asm__ volatile("testl %0, %0; js 3f\n 4:\n .pushsection .text.fixup,\"ax\",@progbits\n 3: movl $6, %0; jmp 4b\n .popsection" : "+r"(x)); return x; }
int g(int x) { return x; }
