/* SPDX-License-Identifier: GPL-2.0-or-later
 * libfirst.so and, with -DNEEDED, libneeded.so; see imports.h. */
#include "imports.h"

#ifdef NEEDED
#define NAME "libneeded"
#else
#define NAME "libfirst"
#endif

__asm__(".globl only_one\n.type only_one, @gnu_unique_object\n.data\n.balign 4\n"
        "only_one: .long 1\n.size only_one, 4\n.text");
EXPORT int *use_only_one(void) {
  return &only_one;
}
EXPORT const char *local_twice(void) {
  return NAME;
}

#ifdef NEEDED
EXPORT const char *global_late(void) {
  return NAME;
}
__attribute__((visibility("protected"))) const char *protected_one(void) {
  return NAME;
}
static const char *this_one(void) {
  return NAME;
}
static const char *(*choose(void))(void) {
  return this_one;
}
EXPORT __attribute__((ifunc("choose"))) const char *chosen(void);
__attribute__((symver("versioned@OLD"))) const char *versioned_old(void) {
  return "OLD";
}
__attribute__((symver("versioned@@NEW"))) const char *versioned_new(void) {
  return "NEW";
}
#endif
