unsigned f(unsigned x) { return x & 0x7fff; }
unsigned h(unsigned x) { return x | 0x7; }
