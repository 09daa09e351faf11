struct Log { int n; explicit Log(int); ~Log(); };
int counter;
int use() { static Log log(5); return counter++ + log.n; }
