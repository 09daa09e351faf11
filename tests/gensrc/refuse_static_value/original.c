int f(int x) { static int start = 3; start += x; return start; }
