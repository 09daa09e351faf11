int start();
struct S { int n; S(int m) : n(m + start()) {} };
thread_local S first(1);
int f() { return first.n; }
