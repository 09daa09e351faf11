struct Log { int n; explicit Log(int); ~Log(); };
Log first(6);
int use() { return first.n; }
