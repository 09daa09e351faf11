int start();
struct S { int n; S(int m) : n(m + start()) {} };
thread_local S first(1);
thread_local S second(2);
int f() { return first.n + second.n; }
