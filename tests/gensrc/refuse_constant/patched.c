extern const int limits[]; const int limits[] = {1, 3};
int f(int x) { return limits[x]; }
