int mix(int a);
int add_words(int a, int b);
int part(int a) {
  return add_words(mix(a), mix(a));
}
