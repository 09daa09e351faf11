extern int table[];
int get(int at) { return table[at]; }
