/* Static variables that only other static data refers to: which is which follows
   from the data that points to them. */
int first(int i) {
  static int a;
  static int *volatile p = &a;
  static int b, c;
  static int *const table[] = {&b, &c};
  return *p += *table[i];
}

int second(int i) {
  static int a;
  static int *volatile p = &a;
  static int b, c;
  static int *const table[] = {&b, &c};
  return *p -= 3 * *table[i];
}
