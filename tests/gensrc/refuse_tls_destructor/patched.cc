struct S { int n; S(); ~S(); };
static thread_local S fresh;
int f() { return 1 + fresh.n; }
