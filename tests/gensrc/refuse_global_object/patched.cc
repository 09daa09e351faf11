struct Log { int n; explicit Log(int); ~Log(); };
Log first(5);
Log second(6);
int use() { return first.n; }
