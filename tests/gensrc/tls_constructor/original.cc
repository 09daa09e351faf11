int start();
int f() { return 1; }
