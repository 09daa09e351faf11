static const int table[] = {10, 21, 30};
const int *current = table;
int f(int x) { return current[x]; }
