int a(int), b(int), c(int), d(int), e(int), z(int);
int f(int x) {
  switch (x) { case 0: return a(x); case 1: return b(7); case 2: return c(x + 4);
  case 3: return 23; case 4: return d(x); case 5: return e(x) * 2; case 6: return z(3) - 1; }
  return x;
}
int g(int x) {
  switch (x) { case 0: return a(x); case 1: return b(7); case 2: return c(x + 4);
  case 3: return d(1); case 4: return d(x); case 5: return e(x) * 2; case 6: return z(3) - 1; }
  return x;
}
