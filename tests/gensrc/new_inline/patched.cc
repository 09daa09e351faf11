template <typename T>
__attribute__((noinline)) T count(T step) {
  static T sum = 1000;
  return sum += step;
}
__attribute__((noinline)) int f(int x) { return count(x) + 1; }
