int part(int a);
int main(void) {
  return part(2) != 10;
}
