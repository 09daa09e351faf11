int word(int a);
int part(int a) {
  return word(a);
}
