inline thread_local int fresh = 3;
int f() { return fresh++; }
