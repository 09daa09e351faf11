int second(int a) {
  return a + 5;
}
