// Of two lambdas in one place both changed and one is new: nothing says which is which.
int call(int (*f)(int), int n);
int run(int n) {
  int sum = call([](int a) { return a - 12; }, n);
  sum += call([](int a) { return a / 7; }, n);
  sum += call([](int a) { return a ^ 5; }, n);
  return sum;
}
