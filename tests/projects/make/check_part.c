int part(int a);
int second(int a);
int main(void) {
  return part(2) + second(2) != 13;
}
