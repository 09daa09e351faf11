extern const int limits[]; const int limits[] = {1, 2};
int f(int x) { return limits[x]; }
