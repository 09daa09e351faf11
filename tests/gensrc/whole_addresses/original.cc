struct Object {
  Object();
  ~Object();
  int value;
};
extern int array[];
extern "C" int use(const char *text, int *element);

int count(int step) {
  static Object object;
  return object.value + step;
}
int name(int at) { return use("name", array + at); }
