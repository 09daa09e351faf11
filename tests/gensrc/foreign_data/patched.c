extern int seen; extern int *last; extern void *hook; extern double sum;
int f(int x) { seen += x; return *last + (hook == &seen) + sum; }
