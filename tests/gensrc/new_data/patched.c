int total = 9; long table[4];
int f(int x) { total += x; table[x & 3]++; return total; }
int z;
