__asm__(".text\n.globl from_asm\n.type from_asm, @function\nfrom_asm:\n leal 1(%rdi), %eax\n ret\n.size from_asm, .-from_asm\n");
int from_asm(int);
int f(int x) { return from_asm(x) * 5 + 1; }
int g(int x) { return x * 7; }
