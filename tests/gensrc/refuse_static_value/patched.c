int f(int x) { static int start = 4; start += x; return start; }
