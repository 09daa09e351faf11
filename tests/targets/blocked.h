/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ways to wait in the kernel. Each is entered by the main thread, goes on while the
 * process is patched, and is ended by another thread, or by its own timeout. */
#pragma once

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct Way {
  const char *name;
  /* Prepares, not waiting yet. May be null. */
  void (*prepare)(void);
  /* Waits. Returns what is wrong with how it ended, or null. */
  const char *(*wait)(void);
  /* Ends the wait; null: it ends by itself after kTimeout. */
  void (*wake)(void);
};

extern const struct Way kPlainWays[];
extern const struct Way kTimedWays[];

/* Long enough to be patched meanwhile on a busy machine, as a rule. */
enum { kTimeout = 1500 }; /* milliseconds */

/* What all of them use. */
extern int pipe_ends[2];
extern pthread_t waiter;
const char *describe(long result, long expected);
/* The same, and no less than kTimeout since began(). */
void began(void);
const char *after_timeout(long result, int error);
void require_zero(long result, const char *what);
