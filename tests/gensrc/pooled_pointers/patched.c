int lead(const char **);
int before(void) {
  const char *added[] = {"added 0", "added 1", "added 2", "added 3", "added 4",  "added 5",
                         "added 6", "added 7", "added 8", "added 9", "added 10", "added 11"};
  return lead(added);
}
int f(int i) {
  const char *names[] = {"first 0",  "first 1",  "first 2",  "third 3",  "first 4",  "first 5",
                         "first 6",  "first 7",  "first 8",  "first 9",  "first 10", "first 11",
                         "first 12", "first 13", "first 14", "first 15", "first 16", "first 17",
                         "first 18", "first 19", "first 20", "first 21", "first 22", "first 23",
                         "first 24", "first 25", "first 26", "first 27", "first 28", "first 29"};
  return lead(names) + i;
}
int g(int i) {
  const char *names[] = {"second 0",  "second 1",  "second 2",  "second 3",  "second 4",
                         "second 5",  "second 6",  "second 7",  "second 8",  "second 9",
                         "second 10", "second 11", "second 12", "second 13", "second 14",
                         "second 15", "second 16", "second 17", "second 18", "second 19",
                         "second 20", "second 21", "second 22", "second 23", "second 24",
                         "second 25", "second 26", "second 27", "second 28", "second 29"};
  return lead(names) - i;
}
