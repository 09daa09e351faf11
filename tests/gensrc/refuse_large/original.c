int large[1 << 20];
int get(int at) { return large[at]; }
