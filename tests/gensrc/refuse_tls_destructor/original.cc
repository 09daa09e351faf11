struct S { int n; S(); ~S(); };
int f() { return 1; }
