// Of two lambdas in one place both changed and one is new: nothing says which is which.
int call(int (*f)(int), int n);
int run(int n) {
  int sum = call([](int a) { return a + 1; }, n);
  sum += call([](int a) { return a * 3; }, n);
  return sum;
}
