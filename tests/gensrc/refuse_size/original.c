char buffer[8] = "abc";
char f(int x) { return buffer[x]; }
