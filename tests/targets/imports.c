/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libimports.so: the fix makes compare() take addresses that the library did not use
 * before, and hold each against what the dynamic linker says to this very library. */
#include "imports.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

EXPORT const char *interposed(void) {
  return "libimports";
}

__attribute__((noipa)) static const char *check(const char *name, const void *address,
                                                char *wrong) {
  if (address != dlsym(RTLD_DEFAULT, name)) {
    strcat(wrong, " ");
    strcat(wrong, name);
  }
  return wrong;
}

#define CHECK(name) check(#name, (const void *)&name, reply)

EXPORT const char *compare(void) {
  static char reply[512];
  strcpy(reply, "before");
  return reply;
}

/* Keeps check() in the library. */
EXPORT const char *check_one(char *wrong) {
  return check("compare", (const void *)&compare, wrong);
}
