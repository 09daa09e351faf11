/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names that more than one object defines, so that it matters where they are looked up.
 * Each function says whose it is. */
#pragma once

#define EXPORT __attribute__((visibility("default")))

const char *interposed(void);    /* the program and libimports */
const char *local_twice(void);   /* libfirst, opened before with RTLD_LOCAL, and libneeded */
const char *global_late(void);   /* libneeded, and libglobal, opened later with RTLD_GLOBAL */
const char *versioned(void);     /* libneeded: OLD, hidden, and NEW, the default */
const char *protected_one(void); /* libneeded: protected */
const char *chosen(void);        /* libneeded: an indirect function */
extern int only_one;             /* libfirst and libneeded: unique in the process */
