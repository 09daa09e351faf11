int start();
static thread_local int fresh = start();
int f() { return 1 + fresh++; }
