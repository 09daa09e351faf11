static const int table[] = {10, 20, 30};
const int *current = table;
int f(int x) { return current[x]; }
