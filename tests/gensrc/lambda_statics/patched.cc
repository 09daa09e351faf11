// A lambda is added in front of one of the same kind in the same function: each keeps
// its own static variable, whatever its number is now.
extern int sink(int);
int f(int x) {
  auto added = [x](int y) __attribute__((noinline)) { static int n = 9; return sink(x - y + n++); };
  auto old = [x](int y) __attribute__((noinline)) { static int n = 5; return sink(x * y + n++); };
  return old(1) + old(2) + added(3);
}
