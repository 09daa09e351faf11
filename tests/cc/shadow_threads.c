/* SPDX-License-Identifier: GPL-2.0-or-later
 * Four threads that attach, look up and free shadow variables of the same objects. */
#include <kpatch.h>
#include <pthread.h>
#include <stdio.h>
static int objects[64];
static int ctor(void *o, void *d, void *c) {
  (void)o;
  *(int *)d = *(int *)c;
  return 0;
}
static void *run(void *a) {
  long n = (long)a;
  int i, one = 1;
  for (i = 0; i < 20000; i++) {
    int *o = &objects[(i * 7 + n) % 64];
    kpatch_shadow_get_or_alloc(o, i % 9 + 100 * (i % 17), sizeof(int), ctor, &one);
    kpatch_shadow_get(o, i % 9);
    if (i % 3 == 0)
      kpatch_shadow_free(o, i % 9, 0);
    if (i % 1000 == 0)
      kpatch_shadow_free_all(n, 0);
  }
  return 0;
}
int main(void) {
  pthread_t t[4];
  long i;
  for (i = 0; i < 4; i++)
    pthread_create(&t[i], 0, run, (void *)i);
  for (i = 0; i < 4; i++)
    pthread_join(t[i], 0);
  puts("done");
  return 0;
}
