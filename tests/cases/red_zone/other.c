/* SPDX-License-Identifier: GPL-2.0-or-later
 * Another module's data, in every width. */
int number = 3;
unsigned char octet = 5;
short half = 7;
long wide = 11;
double scale = 1.5;
float small = 0.25f;
__attribute__((aligned(16))) int four[4] = {1, 2, 3, 4};
