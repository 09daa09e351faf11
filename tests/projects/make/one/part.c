int part(int a) {
  return a > 1000 ? a : a * 3;
}
