/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a case program consists of. code.c holds the code that the fix touches
 * and answers requests; main.c (the common one, or the case's own) reads one
 * request a line from stdin and prints one answer a line. End of input ends the
 * program. Nothing in it knows of patches.
 */
#pragma once

#if defined __GNUC__
#define EXPORT __attribute__((visibility("default")))
#endif

/* Writes the answer to `request` into `reply`, which has room for 4096 bytes. */
EXPORT void answer(const char *request, char *reply);
