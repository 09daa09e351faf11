__asm__(".macro twice\n nop\n nop\n .endm\n");
int f(int x) { return x; }
