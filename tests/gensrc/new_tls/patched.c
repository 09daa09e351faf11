static __thread int old = 3;
static __thread int fresh = 5, zeroed;
static __thread char text[8];
static __thread int calls;
__thread const char *pointer = "here";
__thread long seen;
int f(int x) { old += x; return old + fresh++; }
int g(int x) { zeroed -= x; text[1]++; return text[x] + ++calls + pointer[x]; }
int *h(int x) { return &old + x; }
