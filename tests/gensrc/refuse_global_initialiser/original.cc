struct Log { int n; explicit Log(int); ~Log(); };
Log first(5);
int use() { return first.n; }
