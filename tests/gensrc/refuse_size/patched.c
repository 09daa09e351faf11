char buffer[16] = "abc";
char f(int x) { return buffer[x]; }
