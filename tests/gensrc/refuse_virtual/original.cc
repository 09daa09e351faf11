struct A { virtual int f() { return 1; } virtual int g(); };
int A::g() { return 2; }
int use(A *a) { return a->f() + a->g(); }
