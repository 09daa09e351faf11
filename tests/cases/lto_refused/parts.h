/* SPDX-License-Identifier: GPL-2.0-or-later
 * The files of the program call each other, so that link-time optimisation has
 * something to inline and to move. */
#pragma once

int remember(const char *word);
int remembered(void);
const char *name_of(int kind);
int kind_of(const char *word);
