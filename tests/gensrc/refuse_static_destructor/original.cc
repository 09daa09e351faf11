struct Log { int n; explicit Log(int); ~Log(); };
int counter;
int use() { return counter++; }
