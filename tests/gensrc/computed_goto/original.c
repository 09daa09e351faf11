int f(int op, int x) {
  static void *const table[] = {&&add, &&sub, &&stop};
  goto *table[op];
add: x += 3; goto *table[x & 1];
sub: x = x - 3; goto *table[2];
stop: return x;
}
