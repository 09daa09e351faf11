#include <stdio.h>
int part(int a) {
  return a * 3 + EXTRA;
}
void say(int a) {
  printf(FLAVOUR ":%d\n", part(a));
}
