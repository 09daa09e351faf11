static int limit = 5;
void raise_limit(int x) { limit += x; }
int f(int x) { return x < limit; }
