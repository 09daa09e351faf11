unsigned f(unsigned x) { return x & 0x3fff; }
unsigned h(unsigned x) { return x | 0x7; }
