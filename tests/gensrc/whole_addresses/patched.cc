struct Object {
  Object();
  ~Object();
  int value;
};
extern int array[];
extern "C" int use(const char *text, int *element);

int count(int step) {
  static Object object;
  if (step == 7)
    return use("seven", &object.value);
  return object.value + 2 * step;
}
int name(int at) { return use("new name", array + 1 + at); }
