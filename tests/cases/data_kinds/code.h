/* SPDX-License-Identifier: GPL-2.0-or-later
 * What code.c and main.c have in common: the fix adds to it. */
int second_answer(char *reply);
