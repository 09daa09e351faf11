int word(int a) {
  return a * 3;
}
