int word(int a);
int main(void) {
  return word(2) != 6;
}
