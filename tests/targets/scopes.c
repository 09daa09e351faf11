/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * scopes MODE: opens libimports.so (imports.c) in one of these ways and asks it:
 *
 *   local        with RTLD_LOCAL, behind libfirst.so, which is no business of it
 *   deep         with RTLD_DEEPBIND
 *   namespaces   twice, once in a namespace of its own
 *
 * Linked for a fixed address, so that it has a copy of environ and a PLT entry that
 * stands for puts. */
#include "imports.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef const char *Compare(void);

EXPORT const char *interposed(void) {
  return "the program";
}

/* What makes the linker give it copies. */
const void *volatile kept[] = {&environ, (const void *)&puts};

static Compare *compare_of(void *library) {
  Compare *found = library ? (Compare *)dlsym(library, "compare") : NULL;
  if (!found) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  return found;
}

int main(int argc, char **argv) {
  char line[256];
  Compare *copies[2];
  const char *mode = argc > 1 ? argv[1] : "local";
  int flags = RTLD_NOW | RTLD_LOCAL | (strcmp(mode, "deep") == 0 ? RTLD_DEEPBIND : 0);
  void *first = dlopen("libfirst.so", RTLD_NOW | RTLD_LOCAL);
  if (!first)
    return 1;
  ((int *(*)(void))dlsym(first, "use_only_one"))();
  copies[0] = copies[1] = compare_of(dlopen("libimports.so", flags));
  if (strcmp(mode, "namespaces") == 0)
    copies[1] = compare_of(dlmopen(LM_ID_NEWLM, "libimports.so", RTLD_NOW));
  if (!dlopen("libglobal.so", RTLD_NOW | RTLD_GLOBAL))
    return 1;
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) && strcmp(line, "exit\n") != 0) {
    const char *one = copies[0](), *other = copies[1]();
    printf("%s%s%s\n", one, strcmp(one, other) ? " other: " : "", strcmp(one, other) ? other : "");
    fflush(stdout);
  }
  return 0;
}
