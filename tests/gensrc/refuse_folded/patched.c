static int limit = 5;
void raise_limit(int x) { (void)x; }
int f(int x) { return x < limit; }
